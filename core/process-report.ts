import type { Hooks } from './hooks.ts'
import { ChildFinder } from './posix/process-figures.ts'
import type { Process } from './process.ts'
import { GONE } from './process-info.ts'
import { watchedProcessInfo } from './process-looks.ts'
import type { Watcher } from './watcher.ts'

/** What is asked of statistics. */
export interface InfoRequest {
  /** Those that the `extended_stats` hook adds are wanted too. */
  readonly extended?: boolean
  /** Descendants of all generations are wanted, in place of the children alone. */
  readonly deep?: boolean
}

/** The statistics of one process, or what stands in their place when it is gone. */
export type Info = Record<string, unknown> | typeof GONE

/** So many processes at a time are with the `processInfo` hook: each may have started a program. */
const HOOKS_AT_ONCE = 16

/**
 * Looks at processes for one reply, leaving the event loop to others in between, and passes what it sees through the
 * `processInfo` hook.
 */
export class ProcessReport {
  readonly #hooks: Hooks
  readonly #request: InfoRequest
  readonly #finder = new ChildFinder()

  constructor(hooks: Hooks, request: InfoRequest = {}) {
    this.#hooks = hooks
    this.#request = request
  }

  /** Some processes of a watcher, in their order. */
  async of(processes: readonly Process[], watcher: Watcher): Promise<Info[]> {
    const { deep = false } = this.#request
    const infos: Info[] = []
    for (const process of processes) {
      const restarts = watcher.history.restartsOf(process.wid)
      infos.push((await watchedProcessInfo(process, restarts, { deep, finder: this.#finder })) as Info)
    }
    if (!this.#hooks.processInfo.isUsed()) return infos
    for (let at = 0; at < infos.length; at += HOOKS_AT_ONCE) {
      const some = infos.slice(at, at + HOOKS_AT_ONCE)
      const passed = await Promise.all(some.map((info, i) => this.#pass(info, processes[at + i]!, watcher)))
      infos.splice(at, passed.length, ...passed)
    }
    return infos
  }

  /** All that live in a watcher now, by pid. */
  async ofWatcher(watcher: Watcher): Promise<Record<string, Info>> {
    const { processes } = watcher
    const infos = await this.of(processes, watcher)
    return Object.fromEntries(processes.map(({ pid }, at) => [pid, infos[at]!]))
  }

  async #pass(info: Info, process: Process, watcher: Watcher): Promise<Info> {
    if (info === GONE) return info
    return this.#hooks.processInfo.promise(info, process, watcher, { extended: this.#request.extended ?? false })
  }
}
