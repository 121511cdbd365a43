/** So many failures cost nothing: fingers slip. */
const free = 3
const firstMs = 1_000
const longestMs = 60_000
/** Failures are forgotten after so long without one. */
const forgetMs = 15 * 60_000
/** So many addresses are remembered. */
const most = 10_000

interface Failures {
  count: number
  last: number
}

/** Has those wait who failed to log in: after three failures a second, then twice as long each time, at most a minute. */
export class Slowdown {
  readonly #failures = new Map<string, Failures>()
  readonly #now: () => number

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** Seconds that somebody has to wait before the next attempt; 0: none. */
  waitSeconds(who: string): number {
    const failures = this.#failures.get(who)
    if (!failures || failures.count < free) return 0
    const pauseMs = Math.min(firstMs * 2 ** (failures.count - free), longestMs)
    return Math.max(0, Math.ceil((failures.last + pauseMs - this.#now()) / 1000))
  }

  /** They failed. Returns how often they have, lately. */
  failed(who: string): number {
    const now = this.#now()
    for (const [other, { last }] of this.#failures) {
      // In the order of their last failures: the rest is younger.
      if (now - last < forgetMs && this.#failures.size < most) break
      this.#failures.delete(other)
    }
    const count = (this.#failures.get(who)?.count ?? 0) + 1
    this.#failures.delete(who)
    this.#failures.set(who, { count, last: now })
    return count
  }

  /** They got in. */
  succeeded(who: string): void {
    this.#failures.delete(who)
  }
}
