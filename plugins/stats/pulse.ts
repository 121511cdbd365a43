import type { Circus } from '../../core/plugin.ts'

/** Calls a function again and again, at times that may change, and never twice at once. */
export class Pulse {
  readonly #circus: Pick<Circus, 'after'>
  readonly #beat: (at: number) => Promise<void>
  #cancel = () => {}
  #everyMs = Number.POSITIVE_INFINITY
  #dueAt = Number.POSITIVE_INFINITY
  #beating = false

  /** @param beat Is told when it was due, in Unix seconds: so beats of a second are a second apart, however busy the machine is. */
  constructor(circus: Pick<Circus, 'after'>, beat: (at: number) => Promise<void>) {
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
    const [now, date] = [performance.now(), Date.now()]
    const late = Math.max(now - this.#dueAt, 0) % this.#everyMs
    this.#dueAt = now - late + this.#everyMs
    try {
      await this.#beat((date - late) / 1000)
    } finally {
      this.#beating = false
      this.#schedule()
    }
  }
}
