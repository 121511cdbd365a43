import type { Watcher } from '../watcher.ts'
import { Accepted } from './command.ts'

/** Change the number of processes by `delta`. A singleton stays as it is and says so, as in the original. */
export function resize(watcher: Watcher, delta: number): Accepted | object {
  if (watcher.options.singleton) return { numprocesses: watcher.options.numprocesses, singleton: true }
  const { numprocesses, done } = watcher.resize(watcher.options.numprocesses + delta)
  return new Accepted(done, { numprocesses })
}
