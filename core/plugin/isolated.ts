import { CircusClient } from '../channel/client.ts'
import type { ClientKeys } from '../channel/curve/key-pair.ts'
import type { KeySource } from '../channel/curve/key-source.ts'
import { readSharedAccess } from '../channel/shared-access.ts'
import { EventSubscriber } from '../channel/subscriber.ts'
import { KernelError, reasonOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { CommandService } from './command-service.ts'
import type { Circus, OtherFailure } from './definition.ts'
import { REPORT_MS } from './isolated-record.ts'
import { claimedOptions, claimOf, pluginOptions } from './options.ts'
import { findPlugin } from './resolve.ts'
import { type PluginFailure, PluginScope } from './scope.ts'
import { openStatsChannel, type SharedStatsPlace, type StatsPlace, usualStatsPlace } from './stats-channel.ts'
import { within } from './within.ts'

/** Milliseconds: a `setup` that takes longer fails, as in the daemon. */
const PATIENCE_MS = 60_000

/** What the topics of failures of plugins begin with. */
const FAILURES = 'plugin.'

/** A plugin to run in this process, against a daemon elsewhere. */
export interface IsolatedPlugin {
  /** What to load (DESIGN.md, "Resolution"). */
  readonly use: string
  /** @default what the plugin calls itself */
  readonly name?: string
  readonly endpoint: string
  readonly pubsubEndpoint: string
  readonly options?: Readonly<Record<string, unknown>>
  /** Relative paths and packages are looked up from here. @default the working folder */
  readonly folder?: string
  /** For a daemon that wants them. */
  readonly keys?: ClientKeys | KeySource | undefined
  /** Where its stats channel is to be, should it open that. @default tcp://127.0.0.1:5557 */
  readonly stats?: SharedStatsPlace | undefined
  readonly log: Log
  /** Ends it. */
  readonly signal: AbortSignal
  /** Gets a function that counts and logs a failure, and resolves when the daemon has heard of it. */
  readonly onBegin?: (tell: (what: string, error: unknown) => Promise<unknown>) => void
}

/**
 * Run a plugin that uses events and commands only, over the channels of a daemon, this one or an original Circus.
 * Resolves when `signal` was aborted and the plugin is disposed of. Rejects with `ERR_PLUGIN_UNKNOWN`,
 * `ERR_PLUGIN_INVALID` (a kernel plugin, too) or `ERR_UNREACHABLE`.
 */
export async function runPlugin(plugin: IsolatedPlugin): Promise<void> {
  const { use, endpoint, pubsubEndpoint, folder = process.cwd(), signal, log } = plugin
  const found = await findPlugin(use, folder)
  const { definition } = found
  const name = plugin.name ?? definition.name
  if (definition.kernel) {
    throw new KernelError('ERR_PLUGIN_INVALID', [name, 'it works inside the kernel (kernel: true): load it there'])
  }
  const options = await pluginOptions(name, definition, { ...found.options, ...plugin.options })
  await using client = new CircusClient({ endpoint, keys: plugin.keys })
  await using subscriber = new EventSubscriber({
    endpoint: pubsubEndpoint,
    topics: ['watcher.', FAILURES],
    keys: await client.chooseKeys(),
  })
  await subscriber.ready()
  const call: Circus['call'] = (command, properties = {}, options = {}) =>
    client.call(command, { ...properties }, options)
  // Those who run one by hand have no daemon that expects reports, nor has an original Circus.
  let atWork = false
  const report = async (failure?: PluginFailure): Promise<boolean> => {
    const { failures, busyMs, droppedLines } = scope
    const figures = { at_work: atWork, failures, busy_ms: Math.round(busyMs), dropped_lines: droppedLines }
    return call('report', { plugin: name, pid: process.pid, ...figures, ...failure }).then(
      () => true,
      () => false,
    )
  }
  let told: Promise<unknown> = Promise.resolve()
  const scope: PluginScope = new PluginScope(name, log, (failure) => {
    told = report(failure)
  })
  plugin.onBegin?.((what, error) => {
    scope.fail(what, error)
    return told
  })
  const service = new CommandService(client, scope)
  const claim = claimOf(definition)
  const place = plugin.stats ? await readPlace(plugin.stats, log) : usualStatsPlace
  const circus: Circus = {
    name,
    log: scope.log,
    folder,
    signal: scope.signal,
    isolated: true,
    // What it writes itself, whoever may follow output can read.
    disclose: (notice) =>
      call('report', { plugin: name, notice }).then(
        () => {},
        () => scope.log.disclose(notice),
      ),
    on: (topic, listener) => scope.on(topic, listener),
    onPluginFailure: (listener) => scope.onPluginFailure(listener),
    call,
    // Not the channel's cast: a failure is to be seen in the log, as in the daemon.
    cast: (command, properties) => void call(command, properties).catch((error) => scope.fail(command, error)),
    publish(watcher, event, payload = {}) {
      call('publish', { name: watcher, event, payload }).catch((error) => {
        // By its number: an original Circus tells no codes.
        if (error?.errno !== 2) scope.fail('publish', error)
      })
    },
    every: (seconds, fn) => scope.every(seconds, fn),
    after: (seconds, fn) => scope.after(seconds, fn),
    command: (command) => service.add(command),
    async socket(socket) {
      const at = (process.env['LISTEN_FDNAMES'] ?? '').split(':').indexOf(socket.toLowerCase())
      if (at >= 0) return FIRST_SOCKET_FD + at
      throw new KernelError('ERR_SOCKET_UNAVAILABLE', [socket, 'this process', 'it was not handed down'])
    },
    async openStatsChannel(options = {}) {
      const channel = await openStatsChannel(place, options, scope.log)
      const where = { stats_endpoint: channel.endpoint }
      // An original Circus does not know the command, and who may not give it need not.
      const isAnnounced = await call('announce', where).then(
        () => true,
        () => false,
      )
      const end = () => {
        if (isAnnounced) client.cast('announce', { ...where, gone: true })
        void channel.close()
      }
      scope.signal.addEventListener('abort', end, { once: true })
      return channel
    },
    async watcherOptions<T>(watcher: string) {
      if (!claim) return {} as T
      const reply = await call<{ options: Record<string, unknown> }>('options', { name: watcher })
      return (await claimedOptions(name, claim, reply.options)) as T
    },
  }
  const setup = async () => {
    const dispose = await definition.setup(circus, options)
    await service.open()
    return dispose
  }
  const dispose = await begin(setup, scope, report, signal)
  atWork = true
  const reports = setInterval(() => void report(), REPORT_MS)
  const endReports = () => clearInterval(reports)
  scope.signal.addEventListener('abort', endReports, { once: true })
  void report().then((isExpected) => isExpected || endReports())
  const closed = Promise.withResolvers<void>()
  const end = () => void subscriber.close().then(closed.resolve)
  if (signal.aborted) end()
  else signal.addEventListener('abort', end, { once: true })
  for await (const event of subscriber) {
    if (!event.topic.startsWith(FAILURES)) scope.deliver(event)
    else scope.deliverFailure({ ...(event.payload as Omit<OtherFailure, 'plugin'>), plugin: event.watcher })
  }
  await closed.promise
  await scope.guard('its disposer', () => dispose?.())
  scope.end()
  place.access.keys?.list.close()
}

/** The first descriptor after the standard streams. */
const FIRST_SOCKET_FD = 3

/** Set a plugin up in time, and before it is to end, and tell its daemon if that fails. */
async function begin<T>(
  setup: () => Promise<T>,
  scope: PluginScope,
  report: (failure: PluginFailure) => Promise<unknown>,
  signal: AbortSignal,
): Promise<T> {
  const ended = Promise.withResolvers<never>()
  const end = () => ended.reject(new Error('it was ended meanwhile'))
  signal.addEventListener('abort', end, { once: true })
  try {
    return await within(PATIENCE_MS, () => Promise.race([scope.measured('its setup', setup), ended.promise]))
  } catch (error) {
    if (!signal.aborted) await report({ what: 'its setup', error: reasonOf(error), failures: ++scope.failures })
    throw error
  } finally {
    signal.removeEventListener('abort', end)
  }
}

async function readPlace({ access, ...place }: SharedStatsPlace, log: Log): Promise<StatsPlace> {
  return { ...place, access: await readSharedAccess(access, log) }
}
