import type { Circus } from '../../core/plugin.ts'

/** Calls a function again and again, at times that may change, and never twice at once. */
export class Pulse {
  readonly #circus: Circus
  readonly #beat: () => Promise<void>
  #cancel = () => {}
  #everyMs = Number.POSITIVE_INFINITY
  #dueAt = Number.POSITIVE_INFINITY
  #beating = false

  constructor(circus: Circus, beat: () => Promise<void>) {
    this.#circus = circus
    this.#beat = beat
  }

  /** From now on every so many seconds, the first time at once; of what is as it was nothing changes. Infinity: never. */
  every(seconds: number): void {
    const everyMs = seconds * 1000
    if (everyMs === this.#everyMs) return
    const isSooner = everyMs < this.#everyMs
    this.#everyMs = everyMs
    this.#dueAt = performance.now() + (isSooner ? 0 : everyMs)
    this.#schedule()
  }

  #schedule(): void {
    this.#cancel()
    if (this.#beating || this.#everyMs === Number.POSITIVE_INFINITY) return
    const waitMs = Math.max(this.#dueAt - performance.now(), 0)
    this.#cancel = this.#circus.after(waitMs / 1000, () => this.#run())
  }

  async #run(): Promise<void> {
    this.#beating = true
    // Beats that could not be are left out, and the others keep to their time.
    const late = Math.max(performance.now() - this.#dueAt, 0)
    this.#dueAt += this.#everyMs * (1 + Math.floor(late / this.#everyMs))
    try {
      await this.#beat()
    } finally {
      this.#beating = false
      this.#schedule()
    }
  }
}
