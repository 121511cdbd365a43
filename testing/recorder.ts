/** How long something may take before whoever waits for it is told that it did not come, in milliseconds. */
export const PATIENCE_MS = 15_000

/** So many of the last items are shown to whoever has waited in vain. */
const MOST_SHOWN = 200

/** What to wait for among the items that match. */
export interface Wanted {
  /** The so-manieth. @default 1 */
  readonly count?: number
  /** Count only those that are not before this index of `all`. @default 0 */
  readonly from?: number
  /** Milliseconds. @default 15,000 */
  readonly timeoutMs?: number
}

interface Waiter<T> {
  readonly matches: (item: T) => boolean
  readonly resolve: (item: T) => void
  missing: number
}

/** Keeps what happens, in order, and tells when something in particular has. */
export class Recorder<T> {
  readonly all: T[] = []
  readonly #waiters = new Set<Waiter<T>>()
  readonly #show: (item: T) => string

  /** `show` makes a line of an item, for those who wait in vain. */
  constructor(show: (item: T) => string) {
    this.#show = show
  }

  /** Something happened. */
  add(item: T): void {
    this.all.push(item)
    for (const waiter of this.#waiters) {
      if (waiter.matches(item) && --waiter.missing === 0) {
        this.#waiters.delete(waiter)
        waiter.resolve(item)
      }
    }
  }

  /**
   * Resolves to the first item that matches, or the `count`-th, counting those that are there already and are not
   * before `from` (an index of `all`). Rejects after a while, naming `what` was expected and showing what there was instead.
   */
  async until(
    matches: (item: T) => boolean,
    { count = 1, from = 0, timeoutMs = PATIENCE_MS }: Wanted = {},
    what = String(matches),
  ): Promise<T> {
    const there = this.all.slice(from).filter(matches)
    if (there.length >= count) return there[count - 1]!
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const waiter = { matches, resolve, missing: count - there.length }
    this.#waiters.add(waiter)
    const wanted = count === 1 ? what : `${what}, ${count} times (there are ${there.length})`
    const late = () => reject(new Error(`not within ${timeoutMs} ms: ${wanted}; there were:\n${this.#shown()}`))
    const timer = setTimeout(late, timeoutMs)
    return promise.finally(() => {
      clearTimeout(timer)
      this.#waiters.delete(waiter)
    })
  }

  #shown(): string {
    const lines = this.all.slice(-MOST_SHOWN).map((item) => `  ${this.#show(item)}`)
    if (lines.length < this.all.length) lines.unshift(`  (${this.all.length - lines.length} before these)`)
    return lines.join('\n') || '  none'
  }
}
