import { Series } from './series.ts'

/** Rows kept of each kind: 10 minutes by the second, 24 hours by the minute. */
export const kept = { second: 600, minute: 1440 } as const
/** How long a row of each kind lasts, in seconds. */
export const stepSeconds = { second: 1, minute: 60 } as const

export type Step = keyof typeof kept

/** What something used over time: by the second as it was seen, by the minute on average. Times are Unix seconds. */
export class Track {
  readonly #width: number
  readonly #seconds: Series
  readonly #minutes: Series
  #minute = Number.NEGATIVE_INFINITY
  #sums: number[] = []
  #looks = 0

  /** @param width Values at a time. */
  constructor(width: number) {
    this.#width = width
    this.#seconds = new Series(width, kept.second)
    this.#minutes = new Series(width, kept.minute)
  }

  /** Bytes of memory, about. */
  get bytes(): number {
    return this.#seconds.bytes + this.#minutes.bytes
  }

  /** Remember what was seen at `time`; `bySecond`: not just for the average of the minute. */
  record(time: number, values: readonly number[], bySecond: boolean): void {
    if (bySecond) this.#seconds.set(Math.floor(time), values)
    else this.#seconds.forget(time - kept.second)
    const minute = Math.floor(time / 60)
    if (minute !== this.#minute) {
      this.#minute = minute
      this.#sums = new Array(this.#width).fill(0)
      this.#looks = 0
    }
    this.#looks++
    for (const [place, value] of values.entries()) this.#sums[place]! += value
    const means = this.#sums.map((sum) => sum / this.#looks)
    this.#minutes.set(minute, means)
  }

  /** The last `points` values in one place up to the step in which `until` is, the oldest first; `null`: nobody looked. */
  read(step: Step, place: number, points: number, until: number): (number | null)[] {
    const last = Math.floor(until / stepSeconds[step])
    const series = step === 'second' ? this.#seconds : this.#minutes
    return series.read(place, last - points + 1, last)
  }
}
