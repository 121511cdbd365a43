import type { FullTap } from 'tapable'
import { KernelError } from '../errors.ts'
import type { Hooks } from '../hooks.ts'
import type { PluginScope } from './scope.ts'
import { within } from './within.ts'

/** A hook's tap that takes longer than this, in milliseconds, is reported and passed over. */
const HOOK_TIMEOUT_MS = 60_000

/** What the kernel reads from the options of a tap, beside tapable's own. */
interface ContainedTap {
  /** Whose it is. */
  readonly scope?: PluginScope
  /** Milliseconds, in place of 60,000. */
  readonly timeoutMs?: number
}

/** Hooks where only `false` means something: anything else a tap returns lets things pass. */
const vetoes: ReadonlySet<keyof Hooks> = new Set([
  'beforeStart',
  'afterStart',
  'beforeSpawn',
  'afterSpawn',
  'beforeSignal',
])

/**
 * Wrap the function of a tap, so that whatever it does the hook goes on: a failure counts as having returned nothing.
 * `anonymous` answers for taps that belong to no plugin: those of a program that embeds the arbiter.
 */
export function contain(tap: FullTap & ContainedTap, hook: keyof Hooks, anonymous: PluginScope): FullTap['fn'] {
  const { scope = anonymous, timeoutMs = HOOK_TIMEOUT_MS } = tap
  const what = `its tap of ${hook}`
  const meaning = (value: unknown) => (vetoes.has(hook) && value !== false ? undefined : (value ?? undefined))
  const fn = hook === 'command' ? allowRefusal(tap.fn) : tap.fn
  if (tap.type === 'sync') return (...args: unknown[]) => meaning(scope.guard(what, () => fn(...args)))
  if (tap.type === 'promise') {
    return async (...args: unknown[]) =>
      meaning(await scope.guard(what, () => within(timeoutMs, async () => fn(...args))))
  }
  return (...args: unknown[]) => {
    const done = args.pop() as (error: null, value: unknown) => void
    const answer = () =>
      within(timeoutMs, () => {
        const { promise, resolve, reject } = Promise.withResolvers<unknown>()
        fn(...args, (error: unknown, value: unknown) => (error ? reject(error) : resolve(value)))
        return promise
      })
    void Promise.resolve(scope.guard(what, answer)).then((value) => done(null, meaning(value)))
  }
}

/** `call.refuse(…)` throws, so that nothing comes after it in the tap. It has done its work by then, and is no failure. */
function allowRefusal(fn: FullTap['fn']): FullTap['fn'] {
  const unlessRefused = (error: unknown) => {
    if (!(error instanceof KernelError && error.code === 'ERR_FORBIDDEN')) throw error
  }
  return (...args: unknown[]) => {
    try {
      const result = fn(...args)
      return result instanceof Promise ? result.catch(unlessRefused) : result
    } catch (error) {
      return unlessRefused(error)
    }
  }
}
