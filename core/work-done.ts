import type { ProcessStat } from './posix/process-stat.ts'

interface Counted {
  readonly startTime: number
  readonly cpuSeconds: number
  /** When the last look began that saw it. */
  readonly at: number
}

/**
 * What a group of processes has worked, as far as it was seen, in seconds of processor time. It never gets less: what one of
 * them had worked when it was last seen stays when it ends.
 */
export class WorkDone {
  readonly #counted = new Map<number, Counted>()
  #seconds = 0

  get seconds(): number {
    return this.#seconds
  }

  /** One of them was seen, by a look that began at a `performance.now()`. */
  add({ pid, startTime, cpuSeconds }: ProcessStat, began: number): void {
    const before = this.#counted.get(pid)
    // Looks may overlap, and what one has counted is nothing new to the other.
    const isSame = before?.startTime === startTime
    const known = isSame ? before.cpuSeconds : 0
    const at = isSame ? Math.max(began, before.at) : began
    this.#seconds += Math.max(cpuSeconds - known, 0)
    this.#counted.set(pid, { startTime, cpuSeconds: Math.max(cpuSeconds, known), at })
  }

  /** A look has ended: those that neither it nor a later one has seen are no more. */
  forget(began: number): void {
    for (const [pid, { at }] of this.#counted) if (at < began) this.#counted.delete(pid)
  }
}
