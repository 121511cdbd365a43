import type { Match } from './command/properties.ts'
import { parseGlob } from './config/index.ts'
import { KernelError } from './errors.ts'
import { topicName } from './events.ts'
import { parseRegular } from './expression/index.ts'
import type { Watcher } from './watcher.ts'

/** The watchers of a daemon, by their names in any case. */
export class WatcherSet {
  readonly #watchers = new Map<string, Watcher>()

  /** In the order they came. */
  get all(): Watcher[] {
    return [...this.#watchers.values()]
  }

  has(name: string): boolean {
    return this.#watchers.has(name.toLowerCase())
  }

  /** The watcher of that name, or as events name it. Throws `ERR_WATCHER_UNKNOWN`. */
  get(name: string): Watcher {
    const key = name.toLowerCase()
    const watcher = this.#watchers.get(key) ?? this.all.find((each) => topicName(each.name) === key)
    if (!watcher) throw new KernelError('ERR_WATCHER_UNKNOWN', [name])
    return watcher
  }

  /** See `Arbiter.match`. */
  match(pattern: string, match: Match): Watcher[] {
    if (match === 'simple') return [this.get(pattern)]
    const exact = this.#watchers.get(pattern.toLowerCase())
    if (match === 'glob' && exact) return [exact]
    const picks = match === 'glob' ? parseGlob(pattern, { ignoreCase: true }) : parseRegular(pattern)
    const found = this.all.filter(({ name }) => picks(name))
    if (found.length === 0) throw new KernelError('ERR_WATCHER_UNKNOWN', [pattern])
    return found
  }

  /**
   * Start those that start by themselves, by falling priority, with a pause between any two. Why one failed is in the log
   * and in its `reason`.
   */
  async start(how: { pause(): Promise<void>; mayGoOn(): boolean }): Promise<void> {
    let first = true
    for (const group of this.#byPriority) {
      const starts: Promise<unknown>[] = []
      for (const watcher of group.filter(({ options }) => options.autostart)) {
        if (!first) await how.pause()
        first = false
        if (!how.mayGoOn()) break
        starts.push(watcher.start().catch(() => {}))
      }
      await Promise.all(starts)
    }
  }

  /** Stop all, by rising priority. */
  async stop(by: string): Promise<void> {
    for (const group of this.#byPriority.reverse()) await Promise.all(group.map((watcher) => watcher.stop(by)))
  }

  /** Reload those that are active, by falling priority. Resolves to what went wrong. */
  async reload(how: { graceful?: boolean; sequential?: boolean }): Promise<unknown[]> {
    const failures: unknown[] = []
    for (const group of this.#byPriority) {
      const reloads = await Promise.allSettled(group.map((watcher) => watcher.reload({ ...how, wake: false })))
      for (const reload of reloads) if (reload.status === 'rejected') failures.push(reload.reason)
    }
    return failures
  }

  /** Throws `ERR_WATCHER_EXISTS`. */
  add(watcher: Watcher): void {
    if (this.has(watcher.name)) throw new KernelError('ERR_WATCHER_EXISTS', [watcher.name])
    this.#watchers.set(watcher.name.toLowerCase(), watcher)
  }

  /** `false`: it was not there any more. Another one may have its name by now, and stays. */
  delete(watcher: Watcher): boolean {
    const key = watcher.name.toLowerCase()
    return this.#watchers.get(key) === watcher && this.#watchers.delete(key)
  }

  /** Those of one priority together, the highest first. */
  get #byPriority(): Watcher[][] {
    const groups = Map.groupBy(this.#watchers.values(), ({ options }) => options.priority)
    return [...groups].sort(([a], [b]) => b - a).map(([, group]) => group)
  }
}
