import type { CommandDefinition } from '../command/command.ts'
import type { Principal } from '../command/role.ts'
import type { CircusEvent } from '../events.ts'
import type { Hooks } from '../hooks.ts'
import type { Log } from '../log.ts'
import type { StreamClass } from '../output/stream.ts'
import type { Parsed, Schema } from '../schema.ts'
import type { StatsChannel, StatsChannelOptions } from './stats-channel.ts'

/** What a listener gets: the event, with the fields of its payload beside it (`process_pid`, `exit_code` …). */
export type PluginEvent = CircusEvent & Readonly<Record<string, unknown>>

/** How a plugin asks for a command. */
export interface PluginCallOptions {
  /** For whom: it is refused what that one may not do, and secrets are masked as for that one. */
  readonly as?: Principal | undefined
  /** Milliseconds, in a process of its own: there an answer is waited for so long. @default 5000 */
  readonly timeoutMs?: number
}

/** A failure of another plugin. */
export interface OtherFailure {
  /** The name of the plugin, as topics have it. */
  readonly plugin: string
  /** Which of its functions failed. */
  readonly what: string
  readonly error: string
  /** How many there have been, this one included. */
  readonly failures: number
}

/** What a plugin can do, in the daemon and in a process of its own alike. */
export interface Circus {
  /** The plugin's name: NAME of `[plugin:NAME]`. */
  readonly name: string
  readonly log: Log
  /** Relative paths in options are meant from here: the folder of the configuration file. */
  readonly folder: string
  /** Aborted when the plugin stops. */
  readonly signal: AbortSignal
  /** Whether it runs in a process of its own. */
  readonly isolated: boolean
  /** Log a secret that people are to find, a link to log in with say: in the log of the daemon, where only its owner reads. */
  disclose(notice: string): Promise<void>
  /**
   * Hear events: by name (`'reap'`), by watcher and name (`'web.reap'`), or all of them (`'*'`).
   * A listener that throws is logged and counted; it goes on being called.
   */
  on(topic: string, listener: (event: PluginEvent) => void | Promise<void>): void
  /**
   * Hear of the failures of other plugins, isolated ones too: what the event channel has as `plugin.NAME.failure`. What goes
   * wrong in `listener` is logged and counted, but no plugin hears of that.
   */
  onPluginFailure(listener: (failure: OtherFailure) => void | Promise<void>): void
  /** Run a command and wait for its reply. Rejects with the error a client would get. */
  call<T extends object = Record<string, unknown>>(
    command: string,
    properties?: object,
    options?: PluginCallOptions,
  ): Promise<T>
  /** Run a command without waiting. A failure is logged. */
  cast(command: string, properties?: object): void
  /** Call `fn` every so many seconds until the plugin stops; never again while the last call still runs. */
  every(seconds: number, fn: () => void | Promise<void>): void
  /** Call `fn` once, after so many seconds, unless the plugin stops or the returned function is called before. */
  after(seconds: number, fn: () => void | Promise<void>): () => void
  /**
   * Publish an event of a watcher: other plugins hear it, and it is on the event channel as `watcher.NAME.EVENT`. An isolated
   * plugin has the daemon do it by the command `publish`; an original Circus, which has no such command, publishes nothing.
   */
  publish(watcher: string, event: string, payload?: Readonly<Record<string, unknown>>): void
  /** This plugin's own options of one watcher (`PREFIX.option` without the prefix), checked by its schema. */
  watcherOptions<T = Record<string, string>>(watcher: string): Promise<T>
  /**
   * Contribute a command: it is answered on the control channel until the plugin ends, and shown by `commands` and by every
   * `circusctl`, which make arguments and flags of its `properties`. A plugin in a process of its own answers it there, without
   * `context.arbiter`: once its `setup` is done, and until it ends or is not heard of for 30 seconds. If the daemon does not
   * take them, for a name is taken or it is an original Circus, that is logged, and the plugin goes on without.
   *
   * @throws ERR_PLUGIN_INVALID: a name that is taken or no lower-case word; properties that are no schema
   */
  command<Properties>(definition: CommandDefinition<Properties>): void
  /**
   * A descriptor of a managed socket, `[socket:NAME]`, to accept from: whoever asks is to close it. A plugin that does this
   * names the socket in `sockets` of its definition; without that an isolated one does not have it.
   *
   * @throws ERR_SOCKET_UNAVAILABLE
   */
  socket(name: string): Promise<number>
  /**
   * Open the stats channel, for those who may use the other channels of the daemon; it closes with the plugin.
   * `globaloptions` answers where it is. Rejects with `ERR_ENDPOINT_…`.
   */
  openStatsChannel(options?: StatsChannelOptions): Promise<StatsChannel>
}

/** What a plugin with `kernel: true` can do besides. Such a plugin cannot be isolated. */
export interface KernelCircus extends Circus {
  /** The kernel's hooks. Taps end with the plugin; give them the plugin's name. */
  readonly hooks: TappableHooks
  /**
   * Contribute a stream class, for `stdout_stream.class` and `stderr_stream.class`, until the plugin ends; streams that exist
   * then go on.
   *
   * @throws ERR_PLUGIN_INVALID: the name is taken
   */
  stream<Options>(streamClass: StreamClass<Options>): void
  /** Resolve a module the way a watcher's options mean it: relative to the ini, then as a package. Imports it. */
  load(specifier: string): Promise<Record<string, unknown>>
}

/** The hooks as a plugin sees them: to tap, not to call. */
export type TappableHooks = {
  readonly [K in keyof Hooks]: Pick<Hooks[K], Extract<keyof Hooks[K], 'tap' | 'tapPromise' | 'isUsed'>>
}

/** What `setup` may return: how to let go of what dies with the plugin but was not made through `circus`. */
export type Dispose = (() => void | Promise<void>) | undefined

interface Common<Options> {
  readonly name: string
  /** One line on what it does. */
  readonly summary?: string
  /** Checks the options of `[plugin:NAME]`: a `z.object(…)`, or any other Standard Schema. Without it, a plugin takes none. */
  readonly options?: Schema<Options>
  /** Which managed sockets it accepts from. */
  readonly sockets?: (options: Options) => readonly string[]
  /** Claims `PREFIX.option` in `[watcher:…]`. */
  readonly watcherOptions?: string | { readonly prefix: string; readonly schema: Schema }
}

/** A plugin that uses events and commands only: runs in the daemon, or isolated, unchanged. */
export interface EventPlugin<Options = unknown> extends Common<Options> {
  readonly kernel?: false
  /** Register what the plugin does; everything registered through `circus` ends with it. */
  setup(circus: Circus, options: Options): Dispose | void | Promise<Dispose | void>
}

/** A plugin that taps hooks: always in the daemon. */
export interface KernelPlugin<Options = unknown> extends Common<Options> {
  readonly kernel: true
  setup(circus: KernelCircus, options: Options): Dispose | void | Promise<Dispose | void>
}

/** Either kind of plugin. */
// biome-ignore lint/suspicious/noExplicitAny: the plugins of a host have nothing but this shape in common
export type PluginDefinition<Options = any> = EventPlugin<Options> | KernelPlugin<Options>

/** Declare a plugin: the default export of its module. Types `setup` by the schema of `options`. */
export function definePlugin<S extends Schema = Schema<Record<string, never>>>(
  definition: Omit<KernelPlugin<Parsed<S>>, 'options'> & { readonly options?: S },
): KernelPlugin<Parsed<S>>
export function definePlugin<S extends Schema = Schema<Record<string, never>>>(
  definition: Omit<EventPlugin<Parsed<S>>, 'options'> & { readonly options?: S },
): EventPlugin<Parsed<S>>
export function definePlugin(definition: PluginDefinition): PluginDefinition {
  return definition
}
