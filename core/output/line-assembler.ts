import { keepRead } from '../posix/pipe-buffers.ts'

/** A line that is longer comes in pieces. */
export const LONGEST_LINE_BYTES = 64 * 1024
/** What is longer is not copied, but stays where it was read to. */
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
  /** The beginning of a line that waits for its end, with room for more. */
  #held: Buffer | undefined
  #heldBytes = 0
  #startsLine = true

  constructor(emit: (lines: Lines) => void) {
    this.#emit = emit
  }

  /** Whether a line waits for its end. */
  get holds(): boolean {
    return this.#heldBytes > 0
  }

  /** The beginning of a line that waits for its end. */
  get held(): Buffer {
    return this.#held?.subarray(0, this.#heldBytes) ?? Buffer.alloc(0)
  }

  /** What was read into the read buffer. */
  feed(data: Buffer): void {
    let from = 0
    if (this.holds) {
      const last = data.lastIndexOf(LINE_END) + 1
      // What is small is copied to the beginning of its first line, all of it; of more, the end of that line.
      const end = last <= COPIED_BYTES ? last : data.indexOf(LINE_END) + 1
      from = end === 0 ? data.length : end
      this.#hold(data.subarray(0, from))
      if (end > 0) this.flush()
    }
    const rest = data.subarray(from)
    const whole = rest.lastIndexOf(LINE_END) + 1
    const emitted = rest.length - whole >= LONGEST_LINE_BYTES ? wholeCharacters(rest) : whole
    if (emitted > 0) this.#emitRead(data, from, from + emitted)
    this.#hold(rest.subarray(emitted))
    if (this.#heldBytes >= LONGEST_LINE_BYTES) this.flushCharacters()
  }

  /** Let go of the line that waits for its end, as it is. */
  flush(): void {
    this.#letGo(this.#heldBytes)
  }

  /** The same, but for a character that is not complete. */
  flushCharacters(): void {
    if (this.holds) this.#letGo(wholeCharacters(this.#held!.subarray(0, this.#heldBytes)))
  }

  #letGo(bytes: number): void {
    if (bytes === 0) return
    const held = this.#held!.subarray(0, this.#heldBytes)
    this.#held = undefined
    this.#heldBytes = 0
    this.#pass(held.subarray(0, bytes), nothing)
    this.#hold(held.subarray(bytes))
  }

  #emitRead(read: Buffer, from: number, to: number): void {
    const data = read.subarray(from, to)
    if (data.length <= COPIED_BYTES) this.#pass(Buffer.from(data), nothing)
    else this.#pass(data, keepRead(to))
  }

  #pass(data: Buffer, release: () => void): void {
    const startsLine = this.#startsLine
    this.#startsLine = data[data.length - 1] === LINE_END
    this.#emit({ data, startsLine, endsLine: this.#startsLine, release })
  }

  #hold(data: Buffer): void {
    if (data.length === 0) return
    const bytes = this.#heldBytes + data.length
    if (!this.#held || this.#held.length < bytes) {
      // Twice as much as before: a process may write byte by byte.
      const larger = Buffer.allocUnsafe(Math.max(bytes, 2 * this.#heldBytes))
      this.#held?.copy(larger, 0, 0, this.#heldBytes)
      this.#held = larger
    }
    data.copy(this.#held, this.#heldBytes)
    this.#heldBytes = bytes
  }
}

/** How many bytes there are without the last character of UTF-8, if that is not complete. */
function wholeCharacters(data: Buffer): number {
  for (let back = 1; back <= Math.min(3, data.length); back++) {
    const byte = data[data.length - back]!
    if (byte < 0x80) break
    if (byte < 0xc0) continue
    const bytes = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4
    return back < bytes ? data.length - back : data.length
  }
  return data.length
}
