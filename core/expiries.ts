import type { WatcherOptions } from './config/index.ts'
import type { Process } from './process.ts'

/** The longest a timer of Node's can wait. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1

/** Ends the processes of a watcher when they are `max_age` old. */
export class Expiries {
  readonly #timers = new Map<Process, NodeJS.Timeout>()
  readonly #onExpiry: (process: Process) => void

  /** @param onExpiry Called once for each process that has become too old. */
  constructor(onExpiry: (process: Process) => void) {
    this.#onExpiry = onExpiry
  }

  /** Count the age of a process by these options, from now on. */
  arm(process: Process, { max_age, max_age_variance }: WatcherOptions): void {
    this.forget(process)
    if (max_age <= 0) return
    this.#wait(process, Date.now() + (max_age + Math.random() * max_age_variance - process.age) * 1000)
  }

  /** It has ended, or is not ours any more. */
  forget(process: Process): void {
    clearTimeout(this.#timers.get(process))
    this.#timers.delete(process)
  }

  /** However many timers that takes. */
  #wait(process: Process, at: number): void {
    const leftMs = Math.max(at - Date.now(), 0)
    const timer = setTimeout(
      () => (leftMs > LONGEST_TIMER_MS ? this.#wait(process, at) : this.#onExpiry(process)),
      Math.min(leftMs, LONGEST_TIMER_MS),
    )
    this.#timers.set(process, timer.unref())
  }
}
