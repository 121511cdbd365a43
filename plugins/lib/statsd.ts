import { type Circus, integer, number, optionalText } from '../../core/plugin.ts'

/** The options of all plugins that send to a statsd server. */
export const statsdOptions = {
  host: optionalText('the host of the statsd server; localhost unless told'),
  port: integer('its UDP port', 8125, 1),
  sample_rate: number('send only this part of all counts', 1, { min: 0, max: 1 }),
  application_name: optionalText('the second word of all names that are sent'),
}

interface StatsdOptions {
  readonly host: string | undefined
  readonly port: number
  readonly sample_rate: number
  readonly application_name: string | undefined
}

/** A statsd server, under the prefix `circus.APPLICATION.watcher.`; nothing here waits, throws or rejects. */
export interface Statsd {
  count(bucket: string, delta?: number): void
  gauge(bucket: string, value: number): void
  /** In milliseconds. */
  timing(bucket: string, ms: number): void
}

/** Send to the statsd server that the options of a plugin name, until the plugin ends. */
export async function statsdOf(
  { log, signal }: Pick<Circus, 'log' | 'signal'>,
  { host = 'localhost', port, sample_rate, application_name }: StatsdOptions,
  defaultName = 'app',
): Promise<Statsd> {
  const { StatsD } = await import('hot-shots')
  const client = new StatsD({
    host,
    port,
    prefix: `circus.${application_name ?? defaultName}.watcher.`,
    sampleRate: sample_rate,
    includeDatadogTelemetry: false,
    errorHandler: (error) => log.warning(`nothing reaches statsd at ${host}:${port}: ${error.message}`),
  })
  const end = () => client.close(() => {})
  if (signal.aborted) end()
  else signal.addEventListener('abort', end, { once: true })
  return {
    count: (bucket, delta = 1) => void client.increment(bucket, delta),
    gauge: (bucket, value) => void client.gauge(bucket, value),
    timing: (bucket, ms) => void client.timing(bucket, ms),
  }
}
