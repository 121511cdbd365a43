import {
  AsyncParallelHook,
  AsyncSeriesBailHook,
  AsyncSeriesHook,
  AsyncSeriesWaterfallHook,
  type FullTap,
  SyncHook,
} from 'tapable'
import type { Arbiter } from './arbiter.ts'
import type { CommandCall } from './command/command.ts'
import type { Config } from './config/types.ts'
import type { CircusEvent } from './events.ts'
import type { Exit, Process, SpawnSpec } from './process.ts'
import type { Watcher } from './watcher.ts'

/** A signal on its way to a process. `children`: it goes to the process's children as well. */
export interface SignalRequest {
  readonly pid: number
  readonly signum: number
}

/** A piece of what a process wrote. `data` is only valid during the call: copy what you keep. */
export interface OutputChunk {
  readonly watcher: Watcher
  readonly process: Process
  readonly stream: 'stdout' | 'stderr'
  readonly data: Buffer
}

/**
 * Every hook of the kernel, in the order things happen. A tap that throws, rejects or outlasts its time is logged with
 * its plugin's name and counted, and then treated as if it had returned nothing: a failing veto hook lets things pass.
 */
export interface Hooks {
  /** The read configuration, before it is applied: at the start and at each `reloadconfig`. Return another, or nothing to keep it. */
  readonly config: AsyncSeriesWaterfallHook<[config: Config]>
  /** Everything runs that starts by itself. Waited for before `start()` resolves. */
  readonly started: AsyncParallelHook<[arbiter: Arbiter]>
  /** The daemon begins to shut down; nothing is stopped yet. Waited for. */
  readonly stopping: AsyncParallelHook<[arbiter: Arbiter]>
  /** Every watcher is stopped; the channels are still open. Waited for. */
  readonly stopped: AsyncParallelHook<[arbiter: Arbiter]>

  /** A watcher came to the arbiter; it is not started yet. */
  readonly watcherAdded: SyncHook<[watcher: Watcher]>
  /** Options of a watcher changed. `changed` names them as in the ini. */
  readonly watcherUpdated: SyncHook<[watcher: Watcher, changed: readonly string[]]>
  /** A watcher left the arbiter. Drop whatever you keep for it. */
  readonly watcherRemoved: SyncHook<[watcher: Watcher]>

  /** Veto a start: the first `false` wins, the watcher stays stopped. */
  readonly beforeStart: AsyncSeriesBailHook<[watcher: Watcher], false | undefined>
  /** All processes of a start were spawned. `false` stops the watcher again. */
  readonly afterStart: AsyncSeriesBailHook<[watcher: Watcher], false | undefined>
  /** Each time before a process is spawned. Change the specification in place; `false` vetoes and aborts the start. */
  readonly beforeSpawn: AsyncSeriesBailHook<[spec: SpawnSpec, watcher: Watcher], false | undefined>
  /** A process was spawned. `false` kills it and aborts the start. */
  readonly afterSpawn: AsyncSeriesBailHook<[process: Process, watcher: Watcher], false | undefined>
  /** Before the kernel sends a signal to a process. `false` keeps it back, but never SIGKILL. */
  readonly beforeSignal: AsyncSeriesBailHook<[signal: SignalRequest, watcher: Watcher], false | undefined>
  /** After `beforeSignal`, whether the signal was sent or kept back. */
  readonly afterSignal: AsyncSeriesHook<[signal: SignalRequest, watcher: Watcher]>
  /** A process ended; its end is not published yet. */
  readonly beforeReap: AsyncSeriesHook<[process: Process, watcher: Watcher]>
  /** A process ended, its slot is free again and its end was published. Not waited for. */
  readonly afterReap: AsyncParallelHook<[exit: Exit, process: Process, watcher: Watcher]>
  /** A watcher is about to be stopped. */
  readonly beforeStop: AsyncSeriesHook<[watcher: Watcher]>
  /** A watcher was stopped. */
  readonly afterStop: AsyncSeriesHook<[watcher: Watcher]>

  /** What a process wrote, as it is read: not in whole lines. Must not wait. */
  readonly output: SyncHook<[chunk: OutputChunk]>
  /**
   * The statistics of one process on their way to whoever asked. Return others, or nothing to keep them; `extended` says
   * whether more than the usual is wanted.
   */
  readonly processInfo: AsyncSeriesWaterfallHook<
    [info: Record<string, unknown>, process: Process, watcher: Watcher, request: { readonly extended: boolean }]
  >
  /** Every published event, before it goes to the event channel. Must not wait. */
  readonly event: SyncHook<[event: CircusEvent]>
  /**
   * Around each command. Return fields to answer in the command's place; `call.refuse(reason)` refuses it;
   * `call.reply` settles with what it answered.
   */
  readonly command: AsyncSeriesBailHook<[call: CommandCall], Record<string, unknown> | undefined>
}

/** What every hook of the registry has in common, whatever its arguments. */
export type AnyHook = Hooks[keyof Hooks]

/** Puts a tap's function behind containment; called once for each tap as it is registered. */
export type Contain = (tap: FullTap, hook: keyof Hooks) => FullTap['fn']

/** Make the registry of one arbiter. `contain` wraps every function that is tapped into it. */
export function createHooks(contain: Contain): Hooks {
  const hooks: Hooks = {
    config: new AsyncSeriesWaterfallHook(['config']),
    started: new AsyncParallelHook(['arbiter']),
    stopping: new AsyncParallelHook(['arbiter']),
    stopped: new AsyncParallelHook(['arbiter']),
    watcherAdded: new SyncHook(['watcher']),
    watcherUpdated: new SyncHook(['watcher', 'changed']),
    watcherRemoved: new SyncHook(['watcher']),
    beforeStart: new AsyncSeriesBailHook(['watcher']),
    afterStart: new AsyncSeriesBailHook(['watcher']),
    beforeSpawn: new AsyncSeriesBailHook(['spec', 'watcher']),
    afterSpawn: new AsyncSeriesBailHook(['process', 'watcher']),
    beforeSignal: new AsyncSeriesBailHook(['signal', 'watcher']),
    afterSignal: new AsyncSeriesHook(['signal', 'watcher']),
    beforeReap: new AsyncSeriesHook(['process', 'watcher']),
    afterReap: new AsyncParallelHook(['exit', 'process', 'watcher']),
    beforeStop: new AsyncSeriesHook(['watcher']),
    afterStop: new AsyncSeriesHook(['watcher']),
    output: new SyncHook(['chunk']),
    processInfo: new AsyncSeriesWaterfallHook(['info', 'process', 'watcher', 'request']),
    event: new SyncHook(['event']),
    command: new AsyncSeriesBailHook(['call']),
  }
  for (const [name, hook] of Object.entries(hooks) as [keyof Hooks, AnyHook][]) {
    hook.intercept({ register: (tap: FullTap) => ({ ...tap, fn: contain(tap, name) }) } as never)
    // tapable 2.3 calls a hook used as soon as it has an interceptor.
    hook.isUsed = () => hook.taps.length > 0
  }
  return hooks
}
