import type { Circus } from '../../core/plugin.ts'
import { onExit } from '../lib/exits.ts'

/** A number that grows, and what it is of. */
interface Counted<Labels> {
  readonly labels: Labels
  count: number
}

interface ExitLabels {
  /** Empty when it was a signal. */
  readonly code: string
  /** Empty when it was none. */
  readonly signal: string
  readonly expected: string
}

/** What was counted of one watcher. */
interface WatcherTally {
  readonly events: Map<string, number>
  readonly exits: Map<string, Counted<ExitLabels>>
  /** When it was last counted, as a `performance.now()`. */
  at: number
}

/** Counts what events tell, by watcher as topics name it; what was counted of a watcher goes with it. */
export class Tally {
  readonly #watchers = new Map<string, WatcherTally>()

  constructor(circus: Pick<Circus, 'on'>) {
    onExit(circus, ({ watcher, code, signal, expected }) => {
      const labels = { code: code === null ? '' : String(code), signal: signal ?? '', expected: String(expected) }
      const { exits } = this.#of(watcher)
      const key = Object.values(labels).join()
      const known = exits.get(key)
      if (known) known.count++
      else exits.set(key, { labels, count: 1 })
    })
    circus.on('*', ({ watcher, event }) => {
      if (event === 'remove') return void this.#watchers.delete(watcher)
      const { events } = this.#of(watcher)
      events.set(event, (events.get(event) ?? 0) + 1)
    })
  }

  events(watcher: string): Iterable<readonly [event: string, count: number]> {
    return this.#watchers.get(watcher)?.events ?? []
  }

  exits(watcher: string): Iterable<Counted<ExitLabels>> {
    return this.#watchers.get(watcher)?.exits.values() ?? []
  }

  /** Only these are there, by a look that began at a `performance.now()`: what came late of others is forgotten. */
  keep(watchers: ReadonlySet<string>, began: number): void {
    for (const [name, { at }] of this.#watchers) if (at < began && !watchers.has(name)) this.#watchers.delete(name)
  }

  #of(watcher: string): WatcherTally {
    const tally = this.#watchers.get(watcher) ?? { events: new Map(), exits: new Map(), at: 0 }
    this.#watchers.set(watcher, tally)
    tally.at = performance.now()
    return tally
  }
}
