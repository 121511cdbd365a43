import type { Arbiter } from '../arbiter.ts'
import type { Changes, Watcher } from '../watcher.ts'
import { Accepted } from './command.ts'
import type { Match } from './properties.ts'

/** Which of a watcher's changes a reply tells. */
type Told = readonly (keyof Changes)[]

/**
 * Do something with the watchers that `name` picks. For one watcher the reply's `info` tells what changed, if `told`
 * says so, else it is null. Throws `ERR_WATCHER_UNKNOWN`.
 */
export function onEach(
  arbiter: Arbiter,
  { name, match }: { readonly name: string; readonly match: Match },
  work: (watcher: Watcher) => Promise<Changes | void>,
  told: Told = [],
): Accepted {
  const watchers = arbiter.match(name, match)
  const all = Promise.all(watchers.map(work))
  return new Accepted(
    all.then(([changes]) => {
      if (watchers.length !== 1) return {}
      return { info: changes ? toldOf(changes, told) : null }
    }),
  )
}

/** Some of a watcher's changes as replies have them: pids in ascending order. */
export function toldOf(changes: Changes, told: Told): Record<string, number[]> {
  return Object.fromEntries(told.map((key) => [key, changes[key].toSorted((a, b) => a - b)]))
}
