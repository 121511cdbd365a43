import type { Log } from '../log.ts'

/** Lines in a row that are logged one by one. */
const limit = 20
/** The time they may come in. */
const windowMs = 10_000

/** Logs who was refused. Whoever knocks again and again cannot fill the disk: beyond 20 lines in 10 seconds they are counted. */
export class RefusalLog {
  readonly #log: Log
  #lines = 0
  #unwritten = 0
  #timer: NodeJS.Timeout | undefined

  constructor(log: Log) {
    this.#log = log
  }

  add(text: string): void {
    this.#timer ??= setTimeout(() => this.#turn(), windowMs).unref()
    if (++this.#lines <= limit) this.#log.warning(text)
    else this.#unwritten++
  }

  /** Log what was only counted. */
  close(): void {
    clearTimeout(this.#timer)
    this.#turn()
  }

  #turn(): void {
    if (this.#unwritten > 0) this.#log.warning(`${this.#unwritten} more were refused in the same time`)
    this.#timer = undefined
    this.#lines = 0
    this.#unwritten = 0
  }
}
