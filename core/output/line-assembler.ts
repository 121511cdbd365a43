import { keepReadBuffer } from '../posix/pipe-buffers.ts'

/** A line that is longer comes in pieces. */
export const LONGEST_LINE_BYTES = 64 * 1024
/** What is longer is not copied, but keeps the buffer it was read into. */
const COPIED_BYTES = 16 * 1024
const LINE_END = 10

/** One or more whole lines, or a part of one that is too long or was left unfinished. */
export interface Lines {
  readonly data: Buffer
  readonly startsLine: boolean
  readonly endsLine: boolean
  /** To be called when `data` is not needed any more. */
  release(): void
}

const nothing = () => {}

/** Makes whole lines of what is read from one pipe. */
export class LineAssembler {
  readonly #emit: (lines: Lines) => void
  #unfinished: Buffer[] = []
  #unfinishedBytes = 0
  #startsLine = true

  constructor(emit: (lines: Lines) => void) {
    this.#emit = emit
  }

  /** Whether a line waits for its end. */
  get holds(): boolean {
    return this.#unfinishedBytes > 0
  }

  /** What was read into the read buffer. */
  feed(data: Buffer): void {
    const end = data.lastIndexOf(LINE_END) + 1
    let begin = 0
    if (end > 0 && this.holds) {
      begin = data.indexOf(LINE_END) + 1
      this.#hold(data.subarray(0, begin))
      this.flush()
    }
    if (end > begin) this.#emitWhole(data.subarray(begin, end))
    this.#hold(data.subarray(end))
    while (this.#unfinishedBytes >= LONGEST_LINE_BYTES) this.flush()
  }

  /** Let go of the line that waits for its end, as it is. */
  flush(): void {
    if (!this.holds) return
    const data = this.#unfinished.length === 1 ? this.#unfinished[0]! : Buffer.concat(this.#unfinished)
    this.#unfinished = []
    this.#unfinishedBytes = 0
    this.#pass(data, nothing)
  }

  #emitWhole(data: Buffer): void {
    if (data.length <= COPIED_BYTES) this.#pass(Buffer.from(data), nothing)
    else this.#pass(data, keepReadBuffer())
  }

  #pass(data: Buffer, release: () => void): void {
    const startsLine = this.#startsLine
    this.#startsLine = data[data.length - 1] === LINE_END
    this.#emit({ data, startsLine, endsLine: this.#startsLine, release })
  }

  #hold(data: Buffer): void {
    if (data.length === 0) return
    this.#unfinished.push(Buffer.from(data))
    this.#unfinishedBytes += data.length
  }
}
