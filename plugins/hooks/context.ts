import type { Log, SpawnSpec, Watcher } from '../../core/index.ts'

/** The hooks of a watcher, by their names in the ini. */
export type HookName =
  | 'before_start'
  | 'after_start'
  | 'before_spawn'
  | 'after_spawn'
  | 'before_stop'
  | 'after_stop'
  | 'before_signal'
  | 'after_signal'
  | 'before_reap'
  | 'after_reap'
  | 'extended_stats'

/** What is special to one moment: each field is there where it means something. */
export interface HookDetails {
  /** The process it is about: all hooks of spawns, signals, reaps and stats; not `before_spawn`, which has none yet. */
  readonly pid?: number
  /** The signal: `before_signal`, `after_signal`. */
  readonly signum?: number
  /** Exit status, or the negative number of the signal that ended it; `null` when nobody can tell: `after_reap`. */
  readonly exitCode?: number | null
  /** What is about to be run, to be changed in place: `before_spawn`. */
  readonly spec?: SpawnSpec
  /** The statistics of the process, to be added to in place: `extended_stats`. */
  readonly stats?: Record<string, unknown>
}

/** What a hook is given. */
export interface HookContext extends HookDetails {
  readonly hook: HookName
  readonly watcher: Watcher
  /** Writes to the daemon's log, with the names of the watcher and the hook. */
  readonly log: Log
  /** Aborted when the hook's time is over, or the daemon lets go of the plugin. */
  readonly signal: AbortSignal
  /** Run a command of the daemon. Waiting here for work on the same watcher takes until the hook's time is over. */
  call<T extends object = Record<string, unknown>>(command: string, properties?: object): Promise<T>
}

/**
 * A hook. Only `false` says no, where there is something to say no to; nothing, or anything else, lets things pass.
 * Throwing, rejecting or taking too long is a failure.
 */
export type Hook = (context: HookContext) => unknown
