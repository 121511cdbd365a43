import type { CommandRegistry } from '../command/registry.ts'
import type { Principal } from '../command/role.ts'
import type { PluginConfig } from '../config/index.ts'
import { KernelError, reasonOf } from '../errors.ts'
import { type EventBus, topicName } from '../events.ts'
import type { AnyHook, Hooks } from '../hooks.ts'
import type { Log } from '../log.ts'
import type { StreamClasses } from '../output/stream-classes.ts'
import type { Watcher } from '../watcher.ts'
import { asKernel } from './at-work.ts'
import type { PluginClock } from './clock.ts'
import { pluginCommand } from './command.ts'
import type { KernelCircus, PluginCallOptions, PluginDefinition, TappableHooks } from './definition.ts'
import { describeLeftOut, describeLoaded, describeStarting, type PluginDescription } from './description.ts'
import { IsolatedRecord, type PluginReport } from './isolated-record.ts'
import { type IsolationLimits, splitIsolation } from './isolation.ts'
import { type Claim, claimedOptions, claimOf, pluginOptions } from './options.ts'
import { type Isolated, Overseer } from './overseer.ts'
import { RemoteCommands } from './remote-commands.ts'
import { type Found, findPlugin, loadModule } from './resolve.ts'
import { type PluginFailure, PluginScope } from './scope.ts'
import { openStatsChannel, type StatsPlace } from './stats-channel.ts'
import { within } from './within.ts'

/** Milliseconds: a `setup` that takes longer fails, a disposer that takes longer is passed over. */
const PATIENCE_MS = 60_000

/** A plugin of a running daemon. */
export type LoadedPlugin = {
  readonly config: PluginConfig
  /** The file it came from. */
  readonly file: string
  readonly claim: Claim | undefined
  readonly summary: string | undefined
} & (
  | {
      readonly where: 'daemon'
      readonly scope: PluginScope
      readonly dispose: (() => unknown) | undefined
      /** What it has contributed, by name. */
      readonly brought: Brought
    }
  | ({ readonly where: 'isolated' } & Isolated)
)

interface Brought {
  readonly commands: string[]
  readonly streams: string[]
}

/** What the host needs of its arbiter. */
export interface HostContext {
  readonly hooks: Hooks
  readonly events: EventBus
  readonly commands: CommandRegistry
  readonly streams: StreamClasses
  readonly log: Log
  /** Relative paths and packages are looked up from here. */
  readonly folder: string
  watcher(name: string): Watcher
  call(name: string, properties: object, plugin: string, as?: Principal): Promise<Record<string, unknown>>
  /** Run a plugin in a process of its own: add and start the watcher. */
  isolate(config: PluginConfig, limits: IsolationLimits, sockets: readonly string[]): Promise<string>
  /** Another descriptor of a managed socket. */
  socket(name: string): number
  /** Stop and remove that watcher. */
  release(watcher: string): Promise<void>
  /** Where the stats channel is to be. */
  statsPlace(): StatsPlace
  /** It is open there; `null`: no more. */
  announceStats(endpoint: string | null): void
  /** How long `setup` and a disposer may take, and how long an isolated plugin may be silent. @default 60,000 */
  readonly patienceMs?: number
  /** For the timers of plugins in the daemon. @default that of this world */
  readonly clock?: PluginClock | undefined
}

/** Loads plugins, and lets go of them. A plugin that cannot be loaded is told in the log; the daemon goes on. */
export class PluginHost {
  readonly #context: HostContext
  readonly #log: Log
  readonly #loaded = new Map<string, LoadedPlugin>()
  readonly #starting = new Map<string, PluginConfig>()
  /** Those that could not be loaded, and why. */
  readonly #leftOut = new Map<string, { readonly config: PluginConfig; readonly reason: string }>()
  readonly #overseer: Overseer
  /** The commands of plugins in processes of their own, of those as well that somebody runs by hand. */
  readonly remote: RemoteCommands
  /** For each name, the end of the last work on it: work on one plugin is done one after another. */
  readonly #work = new Map<string, Promise<unknown>>()

  constructor(context: HostContext) {
    this.#context = context
    this.#log = context.log.child('plugins')
    this.remote = new RemoteCommands(context.commands, (name, pid) => {
      const plugin = this.#loaded.get(name)
      return plugin?.where !== 'isolated' || this.#overseer.isAlive(plugin, pid)
    })
    this.#overseer = new Overseer({
      watcher: (name) => context.watcher(name),
      onFailure: ({ watcher, record }, what, error) => {
        const name = pluginOf(watcher)
        this.#log.error(`${name}: ${what}: ${error}`)
        this.#announce(name, record.failed(what, error))
      },
      onNote: ({ watcher }, note) => this.#log.warning(`${pluginOf(watcher)}: ${note}`),
      patienceMs: this.#patienceMs,
    })
  }

  get #patienceMs(): number {
    return this.#context.patienceMs ?? PATIENCE_MS
  }

  get loaded(): readonly LoadedPlugin[] {
    return [...this.#loaded.values()]
  }

  /** Whether a plugin is at work: an isolated one not before its process has said so. */
  isRunning(name: string): boolean {
    const plugin = this.#loaded.get(name)
    return plugin?.where === 'isolated' ? this.#overseer.isRunning(plugin) : plugin !== undefined
  }

  /** What there is to tell of each plugin, those that were left out as well, by name. */
  describe(): PluginDescription[] {
    const all = new Map<string, PluginDescription>()
    for (const [name, { config, reason }] of this.#leftOut) all.set(name, describeLeftOut(config, reason))
    for (const [name, config] of this.#starting) all.set(name, describeStarting(config))
    for (const [name, plugin] of this.#loaded) all.set(name, describeLoaded(plugin, this.#overseer, this.remote))
    return [...all.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** An isolated plugin tells how it is. Throws `ERR_PLUGIN_UNKNOWN`. */
  report(name: string, report: PluginReport): void {
    const plugin = this.#loaded.get(name)
    if (plugin?.where !== 'isolated')
      throw new KernelError('ERR_PLUGIN_UNKNOWN', [name, 'no isolated plugin has that name'])
    plugin.record.heard(report)
    if (report.failure) this.#announce(name, report.failure)
  }

  /** An isolated plugin has a secret to tell, in the daemon's log. Throws `ERR_PLUGIN_UNKNOWN`. */
  disclose(name: string, notice: string): void {
    if (this.#loaded.get(name)?.where !== 'isolated')
      throw new KernelError('ERR_PLUGIN_UNKNOWN', [name, 'no isolated plugin has that name'])
    this.#log.child(name).disclose(notice)
  }

  /** Load a plugin, in place of any of the same name. Resolves to whether it is there now; why not is in the log. */
  load(config: PluginConfig): Promise<boolean> {
    return this.#inTurn(config.name, () => this.#load(config))
  }

  /** Load a plugin unless one of that name is there. Resolves like `load`. */
  ensure(config: PluginConfig): Promise<boolean> {
    return this.#inTurn(config.name, async () => this.#loaded.has(config.name) || this.#load(config))
  }

  /** End a plugin and all it registered. Nothing happens when there is none of that name. */
  unload(name: string): Promise<void> {
    return this.#inTurn(name, () => this.#unload(name))
  }

  /** End all plugins, the last loaded first. */
  async unloadAll(): Promise<void> {
    for (const name of [...this.#loaded.keys()].reverse()) await this.unload(name)
  }

  #inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#work.get(name) ?? Promise.resolve()).then(work)
    const settled = turn.catch(() => {})
    this.#work.set(name, settled)
    return turn
  }

  async #load(config: PluginConfig): Promise<boolean> {
    await this.#unload(config.name)
    this.#starting.set(config.name, config)
    try {
      const found = await findPlugin(config.use, this.#context.folder)
      this.#loaded.set(
        config.name,
        await this.#setUp({ ...config, options: { ...found.options, ...config.options } }, found),
      )
      this.#log.debug(`${config.name} loaded from ${found.file}${config.isolate ? ', isolated' : ''}`)
      return true
    } catch (error) {
      const { file, line } = config.origin
      const reason = reasonOf(error)
      this.#log.error(`${file}:${line}: [plugin:${config.name}] is left out: ${reason}`)
      this.#leftOut.set(config.name, { config, reason })
      return false
    } finally {
      this.#starting.delete(config.name)
    }
  }

  async #unload(name: string): Promise<void> {
    this.#leftOut.delete(name)
    const plugin = this.#loaded.get(name)
    if (!plugin) return
    this.#loaded.delete(name)
    if (plugin.where === 'isolated') {
      this.#overseer.delete(plugin)
      await this.#context.release(plugin.watcher)
      return this.remote.drop(name, 'the plugin has ended')
    }
    await plugin.scope.guard('its disposer', () => within(this.#patienceMs, async () => plugin.dispose?.()))
    plugin.scope.end()
  }

  async #setUp(config: PluginConfig, { definition, file }: Found): Promise<LoadedPlugin> {
    const { name, isolate } = config
    const { own, limits } = splitIsolation(name, isolate, config.options)
    const options = await pluginOptions(name, definition, own)
    const common = { config, file, claim: claimOf(definition), summary: definition.summary }
    if (isolate) {
      if (definition.kernel) throw new KernelError('ERR_PLUGIN_INVALID', [name, cannotIsolate])
      const sockets = definition.sockets?.(options as never) ?? []
      const watcher = await this.#context.isolate({ ...config, options: own }, limits, sockets)
      const plugin = { ...common, where: 'isolated', watcher, record: new IsolatedRecord(), limits } as const
      this.#overseer.add(plugin)
      return plugin
    }
    const announce = (failure: PluginFailure) => this.#announce(name, failure)
    const scope = new PluginScope(name, this.#log, announce, this.#context.clock)
    const brought: Brought = { commands: [], streams: [] }
    try {
      const circus = this.#circus(scope, definition, brought)
      const setup = async () => definition.setup(circus, options)
      const dispose = await within(this.#patienceMs, () => scope.measured('its setup', setup))
      return { ...common, where: 'daemon', scope, dispose: dispose ?? undefined, brought }
    } catch (error) {
      scope.end()
      throw error
    }
  }

  #announce(name: string, failure: PluginFailure): void {
    const plugin = topicName(name)
    this.#context.events.announce(`plugin.${plugin}.failure`, failure)
    for (const other of this.#loaded.values()) {
      if (other.where === 'daemon') other.scope.deliverFailure({ plugin, ...failure })
    }
  }

  #circus(scope: PluginScope, definition: PluginDefinition, brought: Brought): KernelCircus {
    const { hooks, events, commands, streams, folder } = this.#context
    const { name } = scope
    const call = (command: string, properties: object = {}, { as }: PluginCallOptions = {}) =>
      asKernel(() => this.#context.call(command, properties, name, as))
    let listening = false
    const claim = claimOf(definition)
    return {
      name,
      log: scope.log,
      folder,
      signal: scope.signal,
      isolated: false,
      disclose: async (notice) => scope.log.disclose(notice),
      hooks: tappable(hooks, scope),
      on(topic, listener) {
        scope.on(topic, listener)
        if (!listening) hooks.event.tap({ name, scope } as { name: string }, (event) => scope.deliver(event))
        listening = true
      },
      onPluginFailure: (listener) => scope.onPluginFailure(listener),
      call: <T>(command: string, properties?: object, options?: PluginCallOptions) =>
        call(command, properties, options) as Promise<T>,
      cast: (command, properties) => void call(command, properties).catch((error) => scope.fail(command, error)),
      every: (seconds, fn) => scope.every(seconds, fn),
      after: (seconds, fn) => scope.after(seconds, fn),
      watcherOptions: async <T>(watcher: string) =>
        (claim ? await claimedOptions(name, claim, this.#context.watcher(watcher).options.options) : {}) as T,
      socket: async (socket) => this.#context.socket(socket),
      publish: (watcher, event, payload) => asKernel(() => events.publish(watcher, event, payload)),
      command(command) {
        const withdraw = commands.add(pluginCommand(command, scope), name)
        brought.commands.push(command.name)
        scope.signal.addEventListener('abort', withdraw, { once: true })
      },
      openStatsChannel: async (options = {}) => {
        const { statsPlace, announceStats } = this.#context
        const channel = await openStatsChannel(statsPlace(), options, scope.log)
        announceStats(channel.endpoint)
        const close = () => {
          announceStats(null)
          return channel.close()
        }
        scope.signal.addEventListener('abort', () => void close(), { once: true })
        if (!scope.active) await close()
        return { ...channel, close }
      },
      stream(streamClass) {
        const withdraw = streams.add(streamClass, name)
        brought.streams.push(streamClass.name)
        scope.signal.addEventListener('abort', withdraw, { once: true })
      },
      load: (specifier) => loadModule(specifier, folder),
    }
  }
}

/** The plugin of a watcher `plugin:NAME`. */
const pluginOf = (watcher: string): string => watcher.replace(/^plugin:/, '')

const cannotIsolate = 'it works inside the kernel (kernel: true), so it cannot have isolate = true'

/** The hooks with every tap marked as this plugin's, for containment. */
function tappable(hooks: Hooks, scope: PluginScope): TappableHooks {
  const entries = Object.entries(hooks) as [keyof Hooks, AnyHook][]
  return Object.fromEntries(
    entries.map(([key, hook]) => [key, hook.withOptions({ scope } as never)]),
  ) as unknown as TappableHooks
}
