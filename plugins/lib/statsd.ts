import { type Circus, integer, number, optionalText } from '../../core/plugin.ts'
import { Datagrams } from './datagrams.ts'

/** The options of all plugins that send to a statsd server. */
export const statsdOptions = {
  host: optionalText('the host of the statsd server; localhost unless told'),
  port: integer('its UDP port', 8125, 1, 65_535),
  sample_rate: number('send only this part of all counts and times', 1, { min: 0.0001, max: 1 }),
  application_name: optionalText('the second word of all names that are sent'),
}

interface StatsdOptions {
  readonly host: string | undefined
  readonly port: number
  readonly sample_rate: number
  readonly application_name: string | undefined
}

/**
 * A statsd server, under the prefix `circus.APPLICATION.watcher.`; nothing here waits, throws or rejects. What would break a
 * name is `_` in it. Values that are no finite numbers are left out.
 */
export interface Statsd {
  count(bucket: string, delta?: number): void
  /** Never left to chance by a sample rate: the last one counts. */
  gauge(bucket: string, value: number): void
  /** In milliseconds. */
  timing(bucket: string, ms: number): void
}

/** A datagram of this many bytes passes through any network in one piece. */
const DATAGRAM_BYTES = 1400
/** What comes within so long, in milliseconds, goes in one datagram. */
const GATHER_MS = 50
/** Of its own timer there is no need. */
const NEVER_MS = 2_147_483_647

/**
 * Send to the statsd server that the options of a plugin name, until the plugin ends; what it said last is sent then. A
 * server that was named and cannot be reached is told in the log once, and again when that changes; what is meant for it is
 * dropped.
 */
export async function statsdOf(
  { log, signal }: Pick<Circus, 'log' | 'signal'>,
  { host: given, port, sample_rate, application_name }: StatsdOptions,
  defaultName = 'app',
): Promise<Statsd> {
  const { StatsD } = await import('hot-shots')
  // An empty one names none, as an empty `$(circus.env.…)` makes it.
  const host = given || undefined
  const where = `statsd at ${host ?? 'localhost'}:${port}`
  // Most who name no server have none.
  const level = host === undefined ? 'debug' : 'warning'
  const stream = new Datagrams({
    host: host ?? 'localhost',
    port,
    onFailure: (reason) => log[level](`${where}: ${reason}; until that changes, what is meant for it is lost`),
    onResume: () => log[level === 'debug' ? level : 'info'](`${where} can be reached again`),
  })
  const client = new StatsD({
    protocol: 'stream',
    stream,
    prefix: `circus.${safeName(application_name || defaultName)}.watcher.`,
    sampleRate: sample_rate,
    maxBufferSize: DATAGRAM_BYTES,
    bufferFlushInterval: NEVER_MS,
    // What is in the environment for programs of Datadog is not meant for this.
    datadog: false,
    includeDataDogTags: false,
    includeDatadogTelemetry: false,
    errorHandler: (error) => log.debug(`${where}: ${error.message}`),
  })
  let timer: NodeJS.Timeout | undefined
  const flush = () => {
    timer = undefined
    client.flush()
  }
  const send = (value: number, queue: () => void) => {
    if (signal.aborted || !Number.isFinite(value)) return
    queue()
    timer ??= setTimeout(flush, GATHER_MS)
  }
  const end = () => {
    clearTimeout(timer)
    client.close(() => {})
  }
  if (signal.aborted) end()
  else signal.addEventListener('abort', end, { once: true })
  return {
    count: (bucket, delta = 1) => send(delta, () => client.increment(safeName(bucket), delta)),
    gauge: (bucket, value) => send(value, () => client.gauge(safeName(bucket), value, 1)),
    timing: (bucket, ms) => send(ms, () => client.timing(safeName(bucket), ms)),
  }
}

/** What has a meaning in the protocol, and what no server keeps: separators, blanks, control characters. */
const safeName = (name: string): string => name.replaceAll(/[:|@#\s\p{Cc}]/gu, '_')
