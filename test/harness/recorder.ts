/** How long something may take before a test says that it did not come, in milliseconds. */
export const PATIENCE_MS = 15_000

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

  constructor(show: (item: T) => string) {
    this.#show = show
  }

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
   * before `from` (an index of `all`). Rejects after a while, showing what there was instead.
   */
  async until(matches: (item: T) => boolean, { count = 1, from = 0, timeoutMs = PATIENCE_MS } = {}): Promise<T> {
    const there = this.all.slice(from).filter(matches)
    if (there.length >= count) return there[count - 1]!
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const waiter = { matches, resolve, missing: count - there.length }
    this.#waiters.add(waiter)
    const late = () => {
      const seen = this.all.slice(-60).map((item) => `  ${this.#show(item)}`)
      reject(new Error(`not within ${timeoutMs} ms: ${matches}; there were:\n${seen.join('\n') || '  none'}`))
    }
    const timer = setTimeout(late, timeoutMs)
    return promise.finally(() => {
      clearTimeout(timer)
      this.#waiters.delete(waiter)
    })
  }
}
