import type { KernelCircus, Watcher } from '../../core/index.ts'
import type { HookDetails, HookName } from './context.ts'

/** Calls the hook of a watcher, if it has it. Resolves to whether it lets things pass; never rejects. */
type RunHook = (hook: HookName, watcher: Watcher, details?: HookDetails) => Promise<boolean>

/** How a tap calls itself, and how long it may take. */
export interface TapOptions {
  readonly name: string
  readonly timeoutMs: number
}

type Hooks = KernelCircus['hooks']
type Tap = (hooks: Hooks, options: TapOptions, run: RunHook) => void

const veto = async (passes: Promise<boolean>): Promise<false | undefined> => ((await passes) ? undefined : false)
const tell = async (told: Promise<boolean>): Promise<void> => void (await told)

/** Where in the kernel each hook of a watcher is called, in the order a process meets them. */
export const taps: Readonly<Record<HookName, Tap>> = {
  before_start: ({ beforeStart }, options, run) =>
    beforeStart.tapPromise(options, (watcher) => veto(run('before_start', watcher))),
  after_start: ({ afterStart }, options, run) =>
    afterStart.tapPromise(options, (watcher) => veto(run('after_start', watcher))),
  before_spawn: ({ beforeSpawn }, options, run) =>
    beforeSpawn.tapPromise(options, (spec, watcher) => veto(run('before_spawn', watcher, { spec }))),
  after_spawn: ({ afterSpawn }, options, run) =>
    afterSpawn.tapPromise(options, ({ pid }, watcher) => veto(run('after_spawn', watcher, { pid }))),
  before_stop: ({ beforeStop }, options, run) =>
    beforeStop.tapPromise(options, (watcher) => tell(run('before_stop', watcher))),
  after_stop: ({ afterStop }, options, run) =>
    afterStop.tapPromise(options, (watcher) => tell(run('after_stop', watcher))),
  before_signal: ({ beforeSignal }, options, run) =>
    beforeSignal.tapPromise(options, (signal, watcher) => veto(run('before_signal', watcher, signal))),
  after_signal: ({ afterSignal }, options, run) =>
    afterSignal.tapPromise(options, (signal, watcher) => tell(run('after_signal', watcher, signal))),
  before_reap: ({ beforeReap }, options, run) =>
    beforeReap.tapPromise(options, ({ pid }, watcher) => tell(run('before_reap', watcher, { pid }))),
  after_reap: ({ afterReap }, options, run) =>
    afterReap.tapPromise(options, ({ exitCode }, { pid }, watcher) =>
      tell(run('after_reap', watcher, { pid, exitCode })),
    ),
  extended_stats: ({ processInfo }, options, run) =>
    processInfo.tapPromise(options, async (stats, { pid }, watcher, { extended }) => {
      if (extended) await run('extended_stats', watcher, { pid, stats })
      return stats
    }),
}
