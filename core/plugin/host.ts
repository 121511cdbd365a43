import type { CommandRegistry } from '../command/registry.ts'
import type { PluginConfig } from '../config/index.ts'
import { KernelError, reasonOf } from '../errors.ts'
import { type EventBus, topicName } from '../events.ts'
import type { AnyHook, Hooks } from '../hooks.ts'
import type { Log } from '../log.ts'
import type { StreamClasses } from '../output/stream-classes.ts'
import type { Watcher } from '../watcher.ts'
import type { PluginClock } from './clock.ts'
import { pluginCommand } from './command.ts'
import type { KernelCircus, PluginDefinition, TappableHooks } from './definition.ts'
import { type Claim, claimedOptions, claimOf, pluginOptions } from './options.ts'
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
} & (
  | { readonly where: 'daemon'; readonly scope: PluginScope; readonly dispose: (() => unknown) | undefined }
  | {
      readonly where: 'isolated'
      readonly watcher: string
      /** What its process told last. */
      report?: PluginReport
    }
)

/** What an isolated plugin tells its daemon: when it is at work, and of each failure. */
export interface PluginReport {
  /** The process that tells it. */
  readonly pid: number
  readonly failures: number
  readonly failure?: PluginFailure
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
  call(name: string, properties: object, plugin: string): Promise<Record<string, unknown>>
  /** Run a plugin in a process of its own: add and start the watcher. */
  isolate(config: PluginConfig): Promise<string>
  /** Stop and remove that watcher. */
  release(watcher: string): Promise<void>
  /** Where the stats channel is to be. */
  statsPlace(): StatsPlace
  /** It is open there; `null`: no more. */
  announceStats(endpoint: string | null): void
  /** How long `setup` and a disposer may take. @default 60,000 */
  readonly patienceMs?: number
  /** For the timers of plugins in the daemon. @default that of this world */
  readonly clock?: PluginClock | undefined
}

/** Loads plugins, and lets go of them. A plugin that cannot be loaded is told in the log; the daemon goes on. */
export class PluginHost {
  readonly #context: HostContext
  readonly #log: Log
  readonly #loaded = new Map<string, LoadedPlugin>()
  /** For each name, the end of the last work on it: work on one plugin is done one after another. */
  readonly #work = new Map<string, Promise<unknown>>()

  constructor(context: HostContext) {
    this.#context = context
    this.#log = context.log.child('plugins')
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
    if (plugin?.where !== 'isolated') return plugin !== undefined
    return plugin.report !== undefined && this.#context.watcher(plugin.watcher).pids.includes(plugin.report.pid)
  }

  /** An isolated plugin tells how it is. Throws `ERR_PLUGIN_UNKNOWN`. */
  report(name: string, report: PluginReport): void {
    const plugin = this.#loaded.get(name)
    if (plugin?.where !== 'isolated')
      throw new KernelError('ERR_PLUGIN_UNKNOWN', [name, 'no isolated plugin has that name'])
    plugin.report = report
    if (report.failure) this.#announce(name, report.failure)
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
      this.#log.error(`${file}:${line}: [plugin:${config.name}] is left out: ${reasonOf(error)}`)
      return false
    }
  }

  async #unload(name: string): Promise<void> {
    const plugin = this.#loaded.get(name)
    if (!plugin) return
    this.#loaded.delete(name)
    if (plugin.where === 'isolated') return this.#context.release(plugin.watcher)
    await plugin.scope.guard('its disposer', () => within(this.#patienceMs, async () => plugin.dispose?.()))
    plugin.scope.end()
  }

  async #setUp(config: PluginConfig, { definition, file }: Found): Promise<LoadedPlugin> {
    const options = await pluginOptions(config.name, definition, config.options)
    const common = { config, file, claim: claimOf(definition) }
    if (config.isolate) {
      if (definition.kernel) throw new KernelError('ERR_PLUGIN_INVALID', [config.name, cannotIsolate])
      return { ...common, where: 'isolated', watcher: await this.#context.isolate(config) }
    }
    const announce = (failure: PluginFailure) => this.#announce(config.name, failure)
    const scope = new PluginScope(config.name, this.#log, announce, this.#context.clock)
    try {
      const setup = async () => definition.setup(this.#circus(scope, definition), options)
      const dispose = await within(this.#patienceMs, setup)
      return { ...common, where: 'daemon', scope, dispose: dispose ?? undefined }
    } catch (error) {
      scope.end()
      throw error
    }
  }

  #announce(name: string, failure: PluginFailure): void {
    this.#context.events.announce(`plugin.${topicName(name)}.failure`, failure)
  }

  #circus(scope: PluginScope, definition: PluginDefinition): KernelCircus {
    const { hooks, events, commands, streams, folder } = this.#context
    const { name } = scope
    const call = (command: string, properties: object = {}) => this.#context.call(command, properties, name)
    let listening = false
    const claim = claimOf(definition)
    return {
      name,
      log: scope.log,
      folder,
      signal: scope.signal,
      isolated: false,
      hooks: tappable(hooks, scope),
      on(topic, listener) {
        scope.on(topic, listener)
        if (!listening) hooks.event.tap({ name, scope } as { name: string }, (event) => scope.deliver(event))
        listening = true
      },
      call: <T>(command: string, properties?: object) => call(command, properties) as Promise<T>,
      cast: (command, properties) => void call(command, properties).catch((error) => scope.fail(command, error)),
      every: (seconds, fn) => scope.every(seconds, fn),
      after: (seconds, fn) => scope.after(seconds, fn),
      watcherOptions: async <T>(watcher: string) =>
        (claim ? await claimedOptions(name, claim, this.#context.watcher(watcher).options.options) : {}) as T,
      publish: (watcher, event, payload) => events.publish(watcher, event, payload),
      command(command) {
        const withdraw = commands.add(pluginCommand(command, scope), name)
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
        scope.signal.addEventListener('abort', withdraw, { once: true })
      },
      load: (specifier) => loadModule(specifier, folder),
    }
  }
}

const cannotIsolate = 'it works inside the kernel (kernel: true), so it cannot have isolate = true'

/** The hooks with every tap marked as this plugin's, for containment. */
function tappable(hooks: Hooks, scope: PluginScope): TappableHooks {
  const entries = Object.entries(hooks) as [keyof Hooks, AnyHook][]
  return Object.fromEntries(
    entries.map(([key, hook]) => [key, hook.withOptions({ scope } as never)]),
  ) as unknown as TappableHooks
}
