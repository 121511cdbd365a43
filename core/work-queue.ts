/** Aborted with this as its reason when later work makes waiting pointless. */
export interface Interruption {
  /** What interrupts: `stop`, `quit`, … */
  readonly by: string
}

interface Job {
  readonly controller: AbortController
  readonly run: () => Promise<void>
}

/** Runs pieces of work strictly one after another, in the order they came. */
export class WorkQueue {
  readonly #waiting: Job[] = []
  #current: Job | undefined

  /**
   * Do `work` after everything that was asked before; at once, before this returns, when there is nothing.
   * `signal` is aborted by `interrupt`: stop waiting for delays then.
   */
  run<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const controller = new AbortController()
    this.#waiting.push({ controller, run: () => work(controller.signal).then(resolve, reject) })
    if (!this.#current) void this.#work()
    return promise
  }

  /** Tell the current work, and all that waits by now, not to wait for anything that only takes time. */
  interrupt(by: string): void {
    const reason: Interruption = { by }
    for (const job of [this.#current, ...this.#waiting]) job?.controller.abort(reason)
  }

  async #work(): Promise<void> {
    for (;;) {
      this.#current = this.#waiting.shift()
      if (!this.#current) return
      await this.#current.run()
    }
  }
}
