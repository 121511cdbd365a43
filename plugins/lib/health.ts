import type { Log } from '../../core/plugin.ts'

/** Says in the log that something fails: once, and again when it fails in another way, or is well again. */
export class Health {
  readonly #log: Log
  readonly #what: string
  #failures = 0
  #said: string | undefined

  /** @param what What is looked at, as the log calls it. */
  constructor(log: Log, what: string) {
    this.#log = log
    this.#what = what
  }

  worked(): void {
    if (this.#failures > 0) {
      this.#log.info(
        `${this.#what} is well again, after ${this.#failures} ${this.#failures === 1 ? 'failure' : 'failures'}`,
      )
    }
    this.#failures = 0
    this.#said = undefined
  }

  failed(how: string): void {
    this.#failures++
    if (how !== this.#said) this.#log.warning(`${this.#what} ${how}`)
    this.#said = how
  }
}
