/**
 * The deaths of one watcher's processes that nobody asked for. Times are Unix seconds.
 *
 * What counts is how long things went well between two deaths: the time between them, but no more than the process
 * that died had lived. So the pause before a short-lived process is replaced, which grows, does not hide flapping.
 */
export class Deaths {
  readonly #spawned = new Map<number, number>()
  readonly #asked = new Set<number>()
  #gaps: number[] = []
  #last: number | undefined

  spawned(pid: number, time: number): void {
    this.#spawned.set(pid, time)
  }

  /** The process was asked to end: its end does not count. */
  asked(pid: number): void {
    this.#asked.add(pid)
  }

  /** A process ended. Whether that counts. */
  ended(pid: number, time: number): boolean {
    const born = this.#spawned.get(pid)
    this.#spawned.delete(pid)
    if (this.#asked.delete(pid)) return false
    const life = born === undefined ? Number.POSITIVE_INFINITY : time - born
    const since = this.#last === undefined ? Number.POSITIVE_INFINITY : time - this.#last
    this.#gaps.push(Math.min(life, since))
    this.#last = time
    return true
  }

  /** Whether the last `attempts` deaths were within `window` seconds of running. */
  isBurst({ attempts, window }: { readonly attempts: number; readonly window: number }): boolean {
    this.#gaps = this.#gaps.slice(-attempts)
    if (this.#gaps.length < attempts) return false
    return this.#gaps.slice(1).reduce((sum, gap) => sum + gap, 0) <= window
  }

  /** Whether things had gone well for longer than `window` seconds before the last death. */
  wasHealthy({ window }: { readonly window: number }): boolean {
    return (this.#gaps.at(-1) ?? 0) > window
  }

  /** Begin to count anew. */
  forget(): void {
    this.#gaps = []
    this.#last = undefined
  }
}
