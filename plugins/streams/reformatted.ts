import { NotAllTaken, type OutputPiece, type OutputStream } from '../../core/index.ts'

/** How lines are written in another form. */
export interface LineFormat {
  /** `latin1` leaves every byte as it is; with `utf8`, what is none becomes U+FFFD. */
  readonly encoding: 'latin1' | 'utf8'
  /**
   * For the lines of one piece: what becomes of each, with its line end. A line comes without its end; one that is longer
   * than 64 KiB comes in parts, of which only the first starts it and only the last ends it.
   */
  lines(piece: OutputPiece): (line: string, startsLine: boolean, endsLine: boolean) => string
}

const LINE_END = 10

/** A line of which only a part was taken. */
interface Torn {
  /** What is left to be written of it. */
  readonly rest: Buffer
  /** Where its last byte is, which is said not to be taken, so that it comes again and the rest is written. */
  readonly memory: ArrayBufferLike
  readonly offset: number
}

/** Writes each line to another stream in another form. No line is torn, even if the other one takes a part of it. */
export class ReformattedStream implements OutputStream {
  readonly wholeLines = true
  readonly #format: LineFormat
  readonly #sink: OutputStream
  #torn: Torn | undefined

  constructor(format: LineFormat, sink: OutputStream) {
    this.#format = format
    this.#sink = sink
  }

  write(pieces: readonly OutputPiece[]): void | Promise<void> {
    const fresh = this.#withoutOwed(pieces)
    const made = fresh.map((piece) => this.#reformat(piece))
    const rest = this.#torn?.rest ?? Buffer.alloc(0)
    const data = Buffer.concat([rest, Buffer.from(made.flat().join(''), this.#format.encoding)])
    const done = () => {
      this.#torn = undefined
    }
    const failed = (error: unknown): never => {
      if (!(error instanceof NotAllTaken)) throw error
      const owed = sizeOf(pieces) - sizeOf(fresh)
      throw new NotAllTaken(this.#takenOf(fresh, made, data, error.takenBytes, owed), error.cause)
    }
    try {
      const written = this.#sink.write([{ ...pieces[0]!, data, startsLine: !this.#torn, endsLine: true }])
      return written instanceof Promise ? written.then(done, failed) : done()
    } catch (error) {
      return failed(error)
    }
  }

  async reopen(): Promise<void> {
    await this.#sink.reopen?.()
  }

  async close(): Promise<void> {
    await this.#sink.close?.()
  }

  #reformat(piece: OutputPiece): string[] {
    const lines = piece.data.toString(this.#format.encoding).split('\n')
    if (piece.endsLine) lines.pop()
    const last = lines.length - 1
    const write = this.#format.lines(piece)
    return lines.map((line, at) => write(line, at > 0 || piece.startsLine, at < last || piece.endsLine))
  }

  /** The pieces but for the last byte of a torn line. */
  #withoutOwed(pieces: readonly OutputPiece[]): readonly OutputPiece[] {
    const [first, ...others] = pieces
    const { memory, offset } = this.#torn ?? {}
    // If it was dropped meanwhile, other bytes are first.
    if (!first || first.data.buffer !== memory || first.data.byteOffset !== offset) return pieces
    if (first.data.length === 1) return others
    return [{ ...first, data: first.data.subarray(1), startsLine: first.data[0] === LINE_END }, ...others]
  }

  /** How many bytes of the pieces were taken when so many of what was made of them were; remembers a torn line. */
  #takenOf(
    pieces: readonly OutputPiece[],
    made: readonly string[][],
    data: Buffer,
    takenBytes: number,
    owed: number,
  ): number {
    let end = this.#torn?.rest.length ?? 0
    if (this.#torn && takenBytes < end) {
      this.#torn = { ...this.#torn, rest: data.subarray(takenBytes, end) }
      return 0
    }
    this.#torn = undefined
    let taken = owed
    for (const [at, { data: source }] of pieces.entries()) {
      let begin = 0
      for (const line of made[at]!) {
        const next = source.indexOf(LINE_END, begin) + 1 || source.length
        const before = end
        end += Buffer.byteLength(line, this.#format.encoding)
        if (takenBytes < end) {
          if (takenBytes === before) return taken
          const offset = source.byteOffset + next - 1
          this.#torn = { rest: data.subarray(takenBytes, end), memory: source.buffer, offset }
          return taken + next - begin - 1
        }
        taken += next - begin
        begin = next
      }
    }
    return taken
  }
}

const sizeOf = (pieces: readonly OutputPiece[]): number => pieces.reduce((sum, { data }) => sum + data.length, 0)
