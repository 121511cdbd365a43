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

  /** Those of one priority together, the highest first. */
  get byPriority(): Watcher[][] {
    const groups = Map.groupBy(this.#watchers.values(), ({ options }) => options.priority)
    return [...groups].sort(([a], [b]) => b - a).map(([, group]) => group)
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

  /** Throws `ERR_WATCHER_EXISTS`. */
  add(watcher: Watcher): void {
    if (this.has(watcher.name)) throw new KernelError('ERR_WATCHER_EXISTS', [watcher.name])
    this.#watchers.set(watcher.name.toLowerCase(), watcher)
  }

  /** `false`: it was not there any more. */
  delete({ name }: Watcher): boolean {
    return this.#watchers.delete(name.toLowerCase())
  }
}
