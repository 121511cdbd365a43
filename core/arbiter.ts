import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Dispatch } from './channel/controller.ts'
import { Channels, type Endpoints } from './channels.ts'
import { onBehalf } from './command/command.ts'
import { kernelCommands } from './command/index.ts'
import type { Match } from './command/properties.ts'
import { CommandRegistry } from './command/registry.ts'
import { type Config, loadConfig, type PluginConfig, type WatcherConfig, type WatcherOptions } from './config/index.ts'
import { KernelError, reasonOf } from './errors.ts'
import { EventBus } from './events.ts'
import { createHooks, type Hooks } from './hooks.ts'
import { createLogger, type Log } from './log.ts'
import type { OutputPiece } from './output/stream.ts'
import { StreamClasses, streamOptions } from './output/stream-classes.ts'
import { assertStreams } from './output/stream-problems.ts'
import type { WatcherOutput } from './output/watcher-output.ts'
import { Ownership } from './ownership.ts'
import type { PluginClock } from './plugin/clock.ts'
import { contain } from './plugin/contain.ts'
import { PluginHost } from './plugin/host.ts'
import { isolatedWatcher, PLUGIN_SHORT_LIFE_MS } from './plugin/isolated-watcher.ts'
import type { IsolationLimits } from './plugin/isolation.ts'
import { loadModule } from './plugin/resolve.ts'
import { PluginScope } from './plugin/scope.ts'
import type { StatsPlace } from './plugin/stats-channel.ts'
import { returnFreedMemory } from './posix/memory.ts'
import { OrphanReaper } from './posix/orphans.ts'
import { assertSocketsStay, reconfigure } from './reconfigure.ts'
import { Sockets } from './sockets/sockets.ts'
import { Watcher } from './watcher.ts'
import { WatcherSet } from './watcher-set.ts'
import { WorkQueue } from './work-queue.ts'

/** How the arbiter gets where it is: one way, and once. */
type State = 'idle' | 'starting' | 'running' | 'stopping' | 'closed'

/** What publishes the stats when that is a process of its own. */
const STATS_WATCHER = 'plugin:stats'

/** How often, in milliseconds, a shutdown tells what it waits for. */
const PROGRESS_MS = 5000

/** How long, in milliseconds, whoever wants files opened anew waits for one that cannot be. */
const REOPEN_MS = 3000

export interface ArbiterOptions {
  /** @default a log on stderr, of the level the configuration says */
  readonly log?: Log
  /** For the timers of plugins in the daemon: a test may have one of its own. @default that of this world */
  readonly clock?: PluginClock
}

/**
 * Owns the watchers, the plugins and the channels. It installs no signal handlers, and never ends the program it is in.
 */
export class Arbiter implements AsyncDisposable {
  readonly hooks: Hooks
  readonly events: EventBus
  readonly log: Log
  readonly commands: CommandRegistry
  readonly plugins: PluginHost
  readonly sockets: Sockets
  readonly streams: StreamClasses
  /** What `endpoint_owner` allows to those who send commands. */
  readonly ownership: Ownership
  /** Settles when it has stopped, whoever asked for that; the `quit` command included. */
  readonly closed: Promise<void>
  /** Settles when, of a shutdown, the watchers are stopped. */
  readonly watchersStopped: Promise<void>
  #config: Config
  #state: State = 'idle'
  #endpoints: Endpoints
  /** Where the stats are published: by a plugin in here, and by a program beside it. */
  readonly #stats: { inside: string | null; beside: string | null } = { inside: null, beside: null }
  #binding: Promise<Endpoints> | undefined
  #tick: NodeJS.Timeout | undefined
  readonly #watchers = new WatcherSet()
  readonly #reconfigurations = new WorkQueue()
  readonly #cut = new AbortController()
  readonly #closing = Promise.withResolvers<void>()
  readonly #drained = Promise.withResolvers<void>()
  readonly #loaded = Promise.withResolvers<void>()
  readonly #channels: Channels
  /** The output of processes that were let go. */
  readonly #released = new Set<WatcherOutput>()
  /** How to take back the keys of isolated plugins, by their watchers. */
  readonly #revocations = new Map<string, () => void>()

  /** Throws `ERR_OPTION_INVALID` for an `endpoint_owner` this machine does not have. */
  constructor(config: Config, { log, clock }: ArbiterOptions = {}) {
    this.#config = config
    const { circus } = config
    this.log = log ?? createLogger({ level: circus.loglevel ?? 'info', output: circus.logoutput ?? '-' })
    const anonymous = new PluginScope('embedding program', this.log)
    this.hooks = createHooks((tap, hook) => contain(tap, hook, anonymous))
    this.events = new EventBus(this.hooks)
    this.commands = new CommandRegistry(this, this.hooks, this.log, kernelCommands)
    this.sockets = new Sockets(this.log)
    this.ownership = new Ownership(circus.endpoint_owner)
    this.streams = new StreamClasses(this.#folder, (specifier) => loadModule(specifier, this.#folder))
    this.plugins = new PluginHost({
      hooks: this.hooks,
      events: this.events,
      commands: this.commands,
      streams: this.streams,
      log: this.log,
      clock,
      folder: this.#folder,
      watcher: (name) => this.watcher(name),
      call: (name, properties, plugin, as) =>
        this.commands.dispatch(name, { ...properties }, onBehalf({ via: 'plugin', name: plugin, role: 'admin' }, as)),
      isolate: (plugin, limits, sockets) => this.#isolate(plugin, limits, sockets),
      socket: (name) => this.sockets.descriptor(name),
      statsPlace: () => this.#statsPlace,
      announceStats: (endpoint) => this.announceStats('inside', endpoint),
      release: async (name) => {
        if (this.#watchers.has(name)) await this.remove(name)
        if (name === STATS_WATCHER) this.announceStats('beside', null)
        this.#revokeKeys(name)
      },
    })
    this.#endpoints = { control: circus.endpoint, events: circus.pubsub_endpoint }
    this.closed = this.#closing.promise
    this.watchersStopped = this.#drained.promise
    const dispatch: Dispatch = async ({ command, properties, as }, { name, role }) => {
      await this.#loaded.promise
      return this.commands.dispatch(command, properties, onBehalf({ via: 'channel', name, role }, as))
    }
    this.#channels = new Channels({
      circus,
      dispatch,
      log: this.log,
      folder: this.#folder,
      owner: this.ownership.uid,
    })
    this.events.addSink((topic, payload) => this.#channels.publish(topic, payload))
  }

  get config(): Config {
    return this.#config
  }

  /** Where the channels are; the real ports once it was started. */
  get endpoints(): Endpoints {
    return this.#endpoints
  }

  /** Where the stats are published, or would be. */
  get statsEndpoint(): string {
    return this.#stats.inside ?? this.#stats.beside ?? this.#config.circus.stats_endpoint
  }

  /** The stats are published there, by a plugin in here or by a program beside it; `null`: no more. */
  announceStats(by: 'inside' | 'beside', endpoint: string | null): void {
    this.#stats[by] = endpoint
  }

  /** A program beside the daemon does not publish them there any more. */
  withdrawStats(endpoint: string): void {
    if (this.#stats.beside === endpoint) this.#stats.beside = null
  }

  /** Whether it is shutting down, or has. */
  get stopping(): boolean {
    return this.#state === 'stopping' || this.#state === 'closed'
  }

  /** In the order they came. */
  get watchers(): Watcher[] {
    return this.#watchers.all
  }

  /** The watcher of that name, in any case or as events name it. Throws `ERR_WATCHER_UNKNOWN`. */
  watcher(name: string): Watcher {
    return this.#watchers.get(name)
  }

  /**
   * The watchers a pattern picks, at least one, in any case: a shell pattern of whole names, or a regular expression, as
   * of Python, of beginnings of names. Throws `ERR_WATCHER_UNKNOWN`, `ERR_PROPERTY_INVALID`, `ERR_PATTERN_TOO_SLOW`.
   */
  match(pattern: string, match: Match): Watcher[] {
    return this.#watchers.match(pattern, match)
  }

  /**
   * Bind the channels, load the plugins, and start every watcher that starts by itself, by falling priority. Resolves
   * when all of that was done; a watcher that cannot start only fails itself. Rejects, and leaves nothing behind, when
   * an endpoint cannot be had or is not safe (`ERR_ENDPOINT_…`), or a socket cannot be had (`ERR_SOCKET_UNAVAILABLE`).
   */
  async start(): Promise<void> {
    if (this.#state !== 'idle') throw new KernelError('ERR_ARBITER_STARTED', [])
    this.#state = 'starting'
    const { circus, plugins, sockets, warnings } = this.#config
    if (circus.umask !== null) process.umask(circus.umask)
    try {
      this.#binding = this.#channels.bind()
      this.#endpoints = await this.#binding
      await this.sockets.open(sockets)
    } catch (error) {
      await this.#close()
      throw error
    }
    this.log.info(`commands at ${this.#endpoints.control}, events at ${this.#endpoints.events}`)
    for (const { message, file, line } of warnings) this.log.warning(`${file}:${line}: ${message}`)
    for (const plugin of plugins.toSorted((a, b) => b.priority - a.priority)) {
      if (!this.stopping) await this.plugins.load(plugin)
    }
    if (circus.multicast_endpoint !== null && !this.stopping) await this.#ensurePlugin('discovery')
    this.#config = await this.hooks.config.promise(this.#config)
    if (this.#config.sockets !== sockets) {
      await this.sockets.open(this.#config.sockets).catch(async (error) => {
        await this.stop('a socket that cannot be had')
        throw error
      })
    }
    for (const watcher of this.#config.watchers) if (!this.stopping) await this.adopt(watcher)
    if (circus.statsd && !this.stopping) await this.#ensurePlugin('stats')
    this.#loaded.resolve()
    this.#schedule()
    await this.startWatchers()
    if (this.stopping) return
    await this.hooks.started.promise(this)
    if (this.#state === 'starting') this.#state = 'running'
  }

  /**
   * Stop every watcher, by rising priority, then the plugins and the channels. Cuts short a start that is under way.
   * `by` is told to those whose start it cuts short. Resolves when all is done; asking again waits for the same.
   */
  async stop(by = 'quit'): Promise<void> {
    if (this.#state === 'idle') return this.#close()
    if (this.stopping) return this.closed
    this.#state = 'stopping'
    this.#cut.abort()
    this.log.info(`stopping (${by})`)
    // A start that is still binding its channels binds them first, so that they can be closed.
    await this.#binding?.catch(() => {})
    await this.hooks.stopping.promise(this)
    const progress = setInterval(() => this.#tellProgress(), PROGRESS_MS)
    await this.stopWatchers(by)
    await Promise.all(this.#outputs.map((output) => output.close()))
    clearInterval(progress)
    await this.hooks.stopped.promise(this)
    await this.plugins.unloadAll()
    this.#drained.resolve()
    await this.#close()
    this.log.info('stopped')
  }

  /** SIGKILL every process and its descendants. What is left of a shutdown then takes no time. */
  kill(): void {
    for (const watcher of this.watchers) watcher.killNow()
  }

  /**
   * Reload every active watcher, by falling priority. When one fails the others go on; then it rejects with the first
   * failure, and the rest are in the log.
   */
  async reload(how: { graceful?: boolean; sequential?: boolean } = {}): Promise<void> {
    const [first, ...others] = await this.#watchers.reload(how)
    for (const failure of others) this.log.error(reasonOf(failure))
    if (first !== undefined) throw first
  }

  /** Start every watcher that starts by itself, by falling priority. A failure is logged, and the others go on. */
  startWatchers(): Promise<void> {
    const pause = () => this.#pause(this.#config.circus.warmup_delay)
    return this.#watchers.start({ pause, mayGoOn: () => !this.stopping })
  }

  /** Stop every watcher, by rising priority. */
  stopWatchers(by: string): Promise<void> {
    return this.#watchers.stop(by)
  }

  /** Add a watcher; it is not started. Throws `ERR_WATCHER_EXISTS`, `ERR_ARBITER_STOPPING`. */
  add(config: WatcherConfig): Watcher {
    if (this.stopping) throw new KernelError('ERR_ARBITER_STOPPING', [])
    const { hooks, events, log, sockets, streams } = this
    const onOutput = (piece: OutputPiece, sequence: number) => this.#channels.publishOutput(piece, sequence)
    const watcher = new Watcher(config, { hooks, events, log, sockets, streams, onOutput })
    this.#watchers.add(watcher)
    hooks.watcherAdded.call(watcher)
    events.publish(watcher.name, 'add')
    return watcher
  }

  /**
   * Add a watcher after the plugins it needs. Wrong options of its streams are told in the log, and it does without.
   * Throws like `add`.
   */
  async adopt(config: WatcherConfig): Promise<Watcher> {
    await this.ensurePlugins(config.options)
    return this.add(config)
  }

  /** Load the plugins that options of a watcher need and nobody has asked for: `hooks`, `streams`. */
  async ensurePlugins({ hooks, stdout_stream, stderr_stream }: WatcherOptions): Promise<void> {
    const isGiven = (group: object) => Object.keys(group).length > 0
    if (isGiven(hooks)) await this.#ensurePlugin('hooks')
    if (isGiven(stdout_stream) || isGiven(stderr_stream)) await this.#ensurePlugin('streams')
  }

  /**
   * Load the plugins that options of a watcher need, and check what they alone can check: for those who can be told.
   * Rejects with `ERR_STREAM_INVALID`.
   */
  async admit({ options }: WatcherConfig): Promise<void> {
    await this.ensurePlugins(options)
    for (const option of streamOptions) {
      if (Object.keys(options[option]).length > 0) await this.streams.prepare(option, options[option])
    }
  }

  /**
   * Have the log and every stream open their files anew: somebody has moved them away. Resolves when all are. Rejects with
   * `ERR_REOPEN_FAILED` when some could not within three seconds; they are tried again by themselves.
   */
  async reopenLogs(): Promise<void> {
    this.log.reopen()
    const failures = await Promise.all(this.#outputs.map((output) => output.reopen(REOPEN_MS)))
    if (failures.flat().length > 0) throw new KernelError('ERR_REOPEN_FAILED', [failures.flat().join('; ')])
  }

  /** Publish the stats as the configuration says, after it said something else before. */
  async followStats({ circus: before }: Config): Promise<void> {
    const { circus, plugins } = this.#config
    const sections = plugins.filter(({ use }) => use === 'stats')
    if (sections.length === 0 && before.statsd && !circus.statsd) await this.plugins.unload('stats')
    if (before.stats_endpoint !== circus.stats_endpoint) {
      for (const section of sections) await this.plugins.load(section)
      if (sections.length === 0) await this.plugins.unload('stats')
    }
    if (circus.statsd) await this.#ensurePlugin('stats')
  }

  /** Stop a watcher, or with `nostop` let go of its processes, and forget it. Throws `ERR_WATCHER_UNKNOWN`. */
  async remove(name: string, { nostop = false } = {}): Promise<void> {
    const watcher = this.watcher(name)
    await watcher.remove({ nostop })
    if (nostop) this.#keepOutput(watcher.output)
    else await watcher.output.close()
    if (!this.#watchers.delete(watcher)) return
    // What goes on without us goes on with its key.
    if (!nostop) this.#revokeKeys(watcher.name)
    this.hooks.watcherRemoved.call(watcher)
    this.events.publish(watcher.name, 'remove')
  }

  /**
   * Read the configuration again. Resolves to a function that applies it, touching only what differs; rejects with
   * `ERR_CONFIG_INVALID`, and nothing has changed, when it cannot be read, lacks a socket that a watcher needs, or there
   * is no file.
   */
  async readConfigAgain(): Promise<() => Promise<void>> {
    const { file } = this.#config
    if (file === null) throw new KernelError('ERR_CONFIG_INVALID', ['it was not read from a file'])
    const config = await loadConfig(file)
    assertSocketsStay(this, config)
    await assertStreams(this, config)
    this.#channels.refresh()
    for (const { message, file, line } of config.warnings) this.log.warning(`${file}:${line}: ${message}`)
    return () => this.#reconfigurations.run(async () => this.#reconfigure(await this.hooks.config.promise(config)))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop('dispose')
  }

  async #close(): Promise<void> {
    this.#state = 'closed'
    clearInterval(this.#tick)
    this.#drained.resolve()
    this.#loaded.resolve()
    await this.#channels.close()
    this.sockets.close()
    this.#closing.resolve()
  }

  async #reconfigure(config: Config): Promise<void> {
    using sockets = await this.sockets.prepare(config.sockets)
    const old = this.#config
    this.#config = config
    this.#schedule()
    await reconfigure(this, old, config, sockets)
    this.log.info('the configuration was read again')
  }

  async #isolate(plugin: PluginConfig, limits: IsolationLimits, sockets: readonly string[]): Promise<string> {
    const issued = this.#channels.issueKeys(`plugin:${plugin.name}`, 'admin')
    const stats = { ...this.#statsPlace, access: this.#channels.sharedAccess }
    const config = isolatedWatcher(plugin, limits, this.#folder, this.#endpoints, stats, sockets, issued?.keys)
    const watcher = this.add(config)
    if (issued) this.#revocations.set(watcher.name, issued.revoke)
    watcher.shortLifeMs = PLUGIN_SHORT_LIFE_MS
    try {
      await watcher.start()
    } catch (error) {
      await this.remove(watcher.name)
      throw error
    }
    return watcher.name
  }

  get #statsPlace(): StatsPlace {
    return { ...this.#channels.stats, endpoint: this.#config.circus.stats_endpoint }
  }

  /** What goes on without us goes on to write, until it ends. */
  #keepOutput(output: WatcherOutput): void {
    this.#released.add(output)
    void output.ended.then(async () => {
      this.#released.delete(output)
      await output.close()
    })
  }

  /** All output there is, that of processes that were let go as well. */
  get #outputs(): WatcherOutput[] {
    return [...this.watchers.map(({ output }) => output), ...this.#released]
  }

  #revokeKeys(name: string): void {
    this.#revocations.get(name)?.()
    this.#revocations.delete(name)
  }

  get #folder(): string {
    const { file } = this.#config
    return file === null ? process.cwd() : dirname(file)
  }

  async #ensurePlugin(name: string): Promise<void> {
    // A section has its say, also when it has another name, or the plugin could not be loaded from it.
    if (this.#config.plugins.some(({ use }) => use === name)) return
    const origin = { file: 'circusd', line: 0 }
    await this.plugins.ensure({ name, use: name, isolate: false, priority: 0, options: {}, origin })
  }

  #schedule(): void {
    clearInterval(this.#tick)
    const { check_delay } = this.#config.circus
    if (check_delay < 0) return
    const orphans = process.pid === 1 ? new OrphanReaper() : undefined
    const look = () => {
      for (const watcher of this.watchers) watcher.reconcile()
      orphans?.sweep(new Set(this.watchers.flatMap(({ pids }) => pids)))
      returnFreedMemory()
    }
    this.#tick = setInterval(look, Math.max(check_delay, 0.1) * 1000).unref()
  }

  #tellProgress(): void {
    for (const { name, pids, status } of this.watchers) {
      if (pids.length > 0) this.log.info(`still waiting for ${name} (${status}), pids ${pids.join(', ')}`)
    }
  }

  async #pause(seconds: number): Promise<void> {
    if (seconds > 0) await sleep(seconds * 1000, undefined, { signal: this.#cut.signal }).catch(() => {})
  }
}
