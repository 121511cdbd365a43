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

/** Writes each line to another stream in another form. No line is torn, even if the other one takes a part of it. */
export class ReformattedStream implements OutputStream {
  readonly wholeLines = true
  readonly #format: LineFormat
  readonly #sink: OutputStream
  /** What is left of a line that was taken in part; the last byte it was made of is still owed to us. */
  #torn: Buffer | undefined

  constructor(format: LineFormat, sink: OutputStream) {
    this.#format = format
    this.#sink = sink
  }

  write(pieces: readonly OutputPiece[]): void | Promise<void> {
    const fresh = this.#withoutOwed(pieces)
    const parts = fresh.map((piece) => this.#reformat(piece))
    const data = Buffer.from(parts.flat().join(''), this.#format.encoding)
    const whole = this.#torn ? Buffer.concat([this.#torn, data]) : data
    const done = () => {
      this.#torn = undefined
    }
    const failed = (error: unknown): never => {
      if (!(error instanceof NotAllTaken)) throw error
      throw new NotAllTaken(this.#takenOf(fresh, parts, whole, error.takenBytes, pieces), error.cause)
    }
    try {
      const written = this.#sink.write([{ ...pieces[0]!, data: whole, startsLine: !this.#torn, endsLine: true }])
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

  /** The pieces but for the byte of a torn line that was left to the outlet, so that it would come again. */
  #withoutOwed(pieces: readonly OutputPiece[]): readonly OutputPiece[] {
    const [first, ...others] = pieces
    if (!this.#torn || !first || first.startsLine) return pieces
    if (first.data.length === 1) return others
    const startsLine = first.data[0] === LINE_END
    return [{ ...first, data: first.data.subarray(1), startsLine }, ...others]
  }

  /** How many bytes of the pieces were taken when so many of what was made of them were; keeps the rest of a torn line. */
  #takenOf(
    fresh: readonly OutputPiece[],
    parts: readonly string[][],
    whole: Buffer,
    takenBytes: number,
    pieces: readonly OutputPiece[],
  ): number {
    const owed = sizeOf(pieces) - sizeOf(fresh)
    let end = this.#torn?.length ?? 0
    if (takenBytes < end) {
      this.#torn = whole.subarray(takenBytes, end)
      return 0
    }
    let taken = owed
    for (const [at, { data }] of fresh.entries()) {
      let begin = 0
      for (const line of parts[at]!) {
        const next = data.indexOf(LINE_END, begin) + 1 || data.length
        const before = end
        end += Buffer.byteLength(line, this.#format.encoding)
        if (takenBytes < end) {
          this.#torn = takenBytes > before ? whole.subarray(takenBytes, end) : undefined
          return this.#torn ? taken + next - begin - 1 : taken
        }
        taken += next - begin
        begin = next
      }
    }
    this.#torn = undefined
    return taken
  }
}

const sizeOf = (pieces: readonly OutputPiece[]): number => pieces.reduce((sum, { data }) => sum + data.length, 0)
