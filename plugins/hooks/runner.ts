import type { HookTarget, KernelCircus, Watcher } from '../../core/index.ts'
import type { Hook, HookContext, HookDetails, HookName } from './context.ts'
import { resolveTarget } from './target.ts'

/** A hook that keeps the event loop longer than this, in milliseconds, is named in the log. */
const BLOCKING_MS = 100

/** Runs the hooks of watchers, and tells how they went. */
export class HookRunner {
  readonly #circus: KernelCircus
  readonly #timeoutMs: number
  readonly #resolved = new Map<string, Promise<Hook>>()
  readonly #running = new Set<Promise<boolean>>()

  constructor(circus: KernelCircus, timeoutMs: number) {
    this.#circus = circus
    this.#timeoutMs = timeoutMs
  }

  /** Load what a hook names, so that what is wrong with it is in the log before it is needed. */
  async prepare(watcher: string, hook: string, target: HookTarget): Promise<void> {
    try {
      await this.#resolve(target)
    } catch (error) {
      this.#circus.log.error(`${watcher}: hooks.${hook} = ${textOf(target)}: ${messageOf(error)}`)
    }
  }

  /** Call the hook of a watcher, if it has it. Resolves to whether it lets things pass; never rejects. */
  async run(hook: HookName, watcher: Watcher, details: HookDetails = {}): Promise<boolean> {
    const entry = watcher.options.hooks[hook]
    if (!entry) return true
    const run = this.#runOne(hook, watcher, entry, details)
    this.#running.add(run)
    return run.finally(() => this.#running.delete(run))
  }

  /** Resolves when none is under way any more: after the time limit at the latest. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  async #runOne(
    hook: HookName,
    watcher: Watcher,
    [target, ignoreFailure]: readonly [HookTarget, boolean],
    details: HookDetails,
  ): Promise<boolean> {
    const { publish } = this.#circus
    const log = this.#circus.log.child(`${watcher.name}: ${hook}`)
    try {
      const passes = (await this.#call(target, { ...details, hook, watcher, log })) !== false
      // Stats are asked for all the time: as in the original, only their failures are published.
      if (hook !== 'extended_stats') publish(watcher.name, 'hook_success', { name: hook })
      if (!passes) log.info(`${textOf(target)} said no`)
      return passes
    } catch (error) {
      const message = messageOf(error)
      log.error(`${textOf(target)} failed${ignoreFailure ? ', which is ignored' : ''}: ${message}`)
      publish(watcher.name, 'hook_failure', { name: hook, error: message })
      return ignoreFailure
    }
  }

  async #call(target: HookTarget, about: Omit<HookContext, 'signal' | 'call'>): Promise<unknown> {
    const { signal: ended, call } = this.#circus
    const late = Promise.withResolvers<never>()
    const cut = new AbortController()
    const giveUp = (why: string) => {
      const error = new Error(why)
      late.reject(error)
      cut.abort(error)
    }
    const timer = setTimeout(() => giveUp(`no end after ${this.#timeoutMs / 1000} s`), this.#timeoutMs)
    const leave = () => giveUp('the hooks plugin was unloaded')
    ended.addEventListener('abort', leave, { once: true })
    const work = async () => {
      const hook = await this.#resolve(target)
      const began = performance.now()
      const answer = hook({ ...about, signal: cut.signal, call })
      const tookMs = performance.now() - began
      if (tookMs > BLOCKING_MS) about.log.warning(`${textOf(target)} kept the event loop for ${Math.round(tookMs)} ms`)
      return answer
    }
    try {
      return await Promise.race([work(), late.promise])
    } finally {
      clearTimeout(timer)
      ended.removeEventListener('abort', leave)
    }
  }

  #resolve(target: HookTarget): Promise<Hook> {
    const { load, folder } = this.#circus
    if (typeof target === 'function') return resolveTarget(target, load, folder)
    const known = this.#resolved.get(target)
    if (known) return known
    const resolving = resolveTarget(target, load, folder)
    this.#resolved.set(target, resolving)
    // What is not there today may be there when it is asked for again.
    resolving.catch(() => this.#resolved.delete(target))
    return resolving
  }
}

const textOf = (target: HookTarget): string =>
  typeof target === 'function' ? `function ${target.name || '(anonymous)'}` : target

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
