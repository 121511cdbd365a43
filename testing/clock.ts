import type { PluginClock, PluginTimer } from '../core/index.ts'
import { PATIENCE_MS } from './recorder.ts'

/** A timer that waits, and when it is due: in milliseconds since the clock began. */
interface Waiting {
  readonly timer: PluginTimer
  due: number
}

/** A clock that stands still, but for `tick`. */
export class ManualClock implements PluginClock {
  #now = 0
  #ticking: Promise<void> = Promise.resolve()
  readonly #waiting = new Set<Waiting>()
  readonly #patienceMs: number

  /** What a timer does may take so many milliseconds before a tick gives up. */
  constructor(patienceMs = PATIENCE_MS) {
    this.#patienceMs = patienceMs
  }

  start(timer: PluginTimer): () => void {
    const waiting = { timer, due: this.#now + wait(timer) }
    this.#waiting.add(waiting)
    return () => void this.#waiting.delete(waiting)
  }

  /**
   * Let so many seconds pass: whatever is due in them runs in its order, each after what the one before returned has
   * settled; also what is only asked for meanwhile. Rejects when something of that does not end, and goes no further.
   */
  tick(seconds: number): Promise<void> {
    const tick = this.#ticking.then(() => this.#tick(seconds))
    this.#ticking = tick.catch(() => {})
    return tick
  }

  async #tick(seconds: number): Promise<void> {
    const end = this.#now + milliseconds(seconds)
    for (;;) {
      const next = this.#next(end)
      if (!next) break
      this.#waiting.delete(next)
      this.#now = next.due
      if (next.timer.repeats) {
        next.due += wait(next.timer)
        this.#waiting.add(next)
      }
      await this.#run(next.timer)
    }
    this.#now = end
  }

  /** The earliest that is due by then; of several the one that was there first. */
  #next(end: number): Waiting | undefined {
    const due = [...this.#waiting].filter((waiting) => waiting.due <= end)
    return due.toSorted((a, b) => a.due - b.due)[0]
  }

  async #run({ plugin, seconds, repeats, run }: PluginTimer): Promise<void> {
    const { promise: late, reject } = Promise.withResolvers<never>()
    const which = `${repeats ? 'every' : 'after'} ${seconds} s`
    const why = `what plugin ${plugin} does ${which} has not ended within ${this.#patienceMs} ms`
    const timer = setTimeout(() => reject(new Error(why)), this.#patienceMs)
    await Promise.race([run(), late]).finally(() => clearTimeout(timer))
  }
}

const wait = ({ seconds }: PluginTimer) => Math.max(milliseconds(seconds), 1)

/** Whole ones, so that three times 0.1 s is 0.3 s. */
const milliseconds = (seconds: number) => Math.round(seconds * 1000)
