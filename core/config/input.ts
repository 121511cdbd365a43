import type { CircusOptions, HookTarget, SocketOptions, WatcherOptions } from './types.ts'
import type { PlainOptions } from './watcher-table.ts'

type Scalar = string | number | boolean
type Words = Record<string, Scalar>

/**
 * One watcher of a typed configuration: the options of `[watcher:NAME]` by their names. Single settings of a group may be
 * written as in the ini too (`rlimit_nofile`, `'stdout_stream.class'`), as are the options of plugins (`'flapping.window'`).
 */
export type WatcherInput = Partial<Omit<PlainOptions, 'cmd' | 'stop_signal'>> & {
  /** By default the base name of the command, made unique. */
  readonly name?: string
  readonly cmd: string
  /** `15`, `'TERM'`, `'SIGTERM'` or `'SIGRTMIN+1'`. */
  readonly stop_signal?: string | number
  readonly env?: Words
  /** By their lower-case names: `{ nofile: 500, core: 'unlimited' }`. */
  readonly rlimits?: WatcherOptions['rlimits']
  readonly stdout_stream?: Words
  readonly stderr_stream?: Words
  /** `'./file.ts:fn'`, `[target, ignoreFailure]`, or a function. */
  readonly hooks?: Record<string, HookTarget | readonly [target: HookTarget, ignoreFailure: boolean]>
  readonly [option: `rlimit_${string}`]: number | 'unlimited'
  readonly [option: `${string}.${string}`]: unknown
}

/** One plugin of a typed configuration. What is not named here is the plugin's own, and may be any value. */
export interface PluginInput {
  readonly name: string
  readonly use?: string
  readonly active?: boolean
  readonly isolate?: boolean
  readonly priority?: number
  readonly [option: string]: unknown
}

/** A configuration as an object: names, units (seconds) and defaults as in the ini. */
export interface ConfigInput {
  readonly circus?: Partial<Omit<CircusOptions, 'umask'>> & { readonly umask?: string | number | null }
  /** The environment of all watchers. */
  readonly env?: Words
  readonly watchers?: readonly WatcherInput[]
  readonly sockets?: readonly (Partial<SocketOptions> & { readonly name: string })[]
  readonly plugins?: readonly PluginInput[]
}

/** Says that an object is a configuration, so that the editor checks it: `export default defineConfig({ … })`. */
export function defineConfig(config: ConfigInput): ConfigInput {
  return config
}
