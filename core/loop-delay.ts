/** Milliseconds between two looks at the clock. */
const LOOK_MS = 20
/** How long, in milliseconds, looking goes on for nobody. */
const PATIENCE_MS = 15_000
/** Upper bounds of what is counted together, in seconds. */
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const

/** How late the event loop was, as a histogram that only grows: any two answers tell what happened between them. */
export interface LoopDelays {
  /** How often it was looked at. */
  readonly count: number
  /** Of all delays, in seconds. */
  readonly sum: number
  /** How many were at most so many seconds, by bounds that rise. */
  readonly buckets: readonly (readonly [bound: number, count: number])[]
}

/** Sees, while somebody asks, how late a timer is that should come every 20 milliseconds: what else in this process has to wait too. */
export class LoopDelay {
  readonly #counts = new Float64Array(BOUNDS.length)
  #count = 0
  #sum = 0
  #timer: NodeJS.Timeout | undefined
  #lastAt = 0
  #askedAt = 0
  #patienceMs = PATIENCE_MS

  /** What was seen since it was asked for the first time; it goes on while it is asked for now and then. */
  ask(): LoopDelays {
    const now = performance.now()
    // Whoever asks seldom is waited for longer.
    if (this.#timer) this.#patienceMs = Math.max(PATIENCE_MS, 2 * (now - this.#askedAt))
    this.#askedAt = now
    if (!this.#timer) {
      this.#lastAt = now
      this.#timer = setInterval(() => this.#look(), LOOK_MS).unref()
    }
    return { count: this.#count, sum: this.#sum, buckets: BOUNDS.map((bound, at) => [bound, this.#counts[at]!]) }
  }

  /** Look no more, until somebody asks again. */
  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#patienceMs = PATIENCE_MS
  }

  #look(): void {
    const now = performance.now()
    const seconds = Math.max(now - this.#lastAt - LOOK_MS, 0) / 1000
    this.#lastAt = now
    this.#count++
    this.#sum += seconds
    for (const [at, bound] of BOUNDS.entries()) if (seconds <= bound) this.#counts[at]!++
    if (now - this.#askedAt > this.#patienceMs) this.stop()
  }
}
