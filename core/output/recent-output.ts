import type { OutputKind } from './stream.ts'

/** The most pieces that are kept of a process; each is a line at least. */
const RECENT_PIECES = 200
/** The most bytes that are kept of a piece: its end. */
const PIECE_BYTES = 32 * 1024
/** The most bytes that are kept of a process. */
const RECENT_BYTES = 64 * 1024
/** Stands for the beginning of a line that was not kept: `…`, in bytes. */
const CUT = '\u00e2\u0080\u00a6'

/** A piece of what a process wrote. */
interface RecentPiece {
  readonly kind: OutputKind
  /** Unix milliseconds. */
  readonly time: number
  /** How many bytes the process had written with this piece. */
  readonly sequence: number
  /** Whether it begins a line. */
  readonly startsLine: boolean
  /** One character per byte: the most compact there is. Of a large piece the bytes, in room that is used again. */
  readonly bytes: string | Buffer
}

/** One line of what a process wrote. */
export interface RecentLine {
  readonly kind: OutputKind
  /** Unix milliseconds. */
  readonly time: number
  /** How many bytes the process had written with this line, to stdout and stderr together. */
  readonly sequence: number
  /** Without its line end. What is not UTF-8 is U+FFFD; a line that was too long begins with `…`. */
  readonly line: string
  /** Set when it has no end yet. */
  readonly unfinished?: true
}

/** The end of what a process wrote, stdout and stderr in their order. */
export class RecentOutput {
  #pieces: RecentPiece[] = []
  #bytes = 0
  #sequence = 0
  #from = 0
  /** For the next large piece: whoever writes much would leave much garbage. */
  #room: Buffer | undefined

  /** Of what came after so many bytes, all is kept. */
  get from(): number {
    return this.#from
  }

  /** When the last piece came: Unix milliseconds; 0 before the first. */
  get time(): number {
    return this.#pieces.at(-1)?.time ?? 0
  }

  /** How many bytes there were so far, of stdout and stderr together. */
  get sequence(): number {
    return this.#sequence
  }

  /** Remember a piece; returns how many bytes there were with it. */
  add(kind: OutputKind, time: number, data: Buffer, startsLine: boolean): number {
    this.#sequence += data.length
    const isWhole = data.length <= PIECE_BYTES
    const bytes = isWhole ? data.toString('latin1') : this.#endOf(data)
    this.#pieces.push({ kind, time, sequence: this.#sequence, startsLine: startsLine || !isWhole, bytes })
    this.#bytes += bytes.length
    if (!isWhole) this.#from = this.#sequence - bytes.length
    while (this.#pieces.length > RECENT_PIECES || this.#bytes > RECENT_BYTES) {
      const { bytes: gone, sequence } = this.#pieces.shift()!
      this.#bytes -= gone.length
      this.#from = Math.max(this.#from, sequence)
      if (typeof gone !== 'string') this.#room = Buffer.from(gone.buffer)
    }
    return this.#sequence
  }

  /** The end of a piece of which the beginning is not kept: from its first whole line on, if there is one. */
  #endOf(data: Buffer): string | Buffer {
    const end = data.subarray(-PIECE_BYTES)
    const first = end.indexOf('\n') + 1
    if (first === 0 || first === end.length) return end.toString('latin1').replace(/^[\x80-\xbf]{0,3}/, CUT)
    const room = this.#room ?? Buffer.allocUnsafeSlow(PIECE_BYTES)
    this.#room = undefined
    return room.subarray(0, end.copy(room, 0, first))
  }

  /** The last lines, the oldest first; those that have no end yet come last. */
  lines(count = Number.POSITIVE_INFINITY, kind?: OutputKind): RecentLine[] {
    if (count === 0) return []
    const lines: RecentLine[] = []
    /** For each kind, the line that has no end yet. */
    const unfinished: Partial<Record<OutputKind, RecentLine>> = {}
    const { first, offset } = this.#startOf(count, kind)
    for (const [at, piece] of this.#pieces.entries()) {
      if (at < first || (kind ?? piece.kind) !== piece.kind) continue
      const { kind: own, time, sequence } = piece
      const startsLine = piece.startsLine || (at === first && offset > 0)
      const before = unfinished[own]
      // The end of that one was not kept.
      if (before && startsLine)
        lines.push({ kind: own, time: before.time, sequence: before.sequence, line: before.line })
      let beginning = startsLine ? '' : (before?.line ?? this.#beginningBefore(at))
      delete unfinished[own]
      const bytes = typeof piece.bytes === 'string' ? piece.bytes : piece.bytes.toString('latin1')
      let from = at === first ? offset : 0
      for (let end = bytes.indexOf('\n', from); end >= 0; end = bytes.indexOf('\n', from)) {
        const line = beginning + bytes.slice(from, end)
        from = end + 1
        beginning = ''
        lines.push({ kind: own, time, sequence: sequence - bytes.length + from, line })
      }
      const rest = beginning + bytes.slice(from)
      if (rest !== '') unfinished[own] = { kind: own, time, sequence, line: rest, unfinished: true }
    }
    lines.push(...Object.values(unfinished))
    return lines.slice(-count).map((line) => ({ ...line, line: decoded(line.line) }))
  }

  /** Where to begin in order to come to so many lines: not at the beginning of all, for there may be thousands. */
  #startOf(count: number, kind?: OutputKind): { first: number; offset: number } {
    // The end of the line before is one more.
    let missing = count + 1
    for (let first = this.#pieces.length - 1; first >= 0; first--) {
      const { kind: own, bytes } = this.#pieces[first]!
      if ((kind ?? own) !== own) continue
      for (let at = bytes.length; at > 0; ) {
        at = bytes.lastIndexOf('\n', at - 1)
        if (at < 0) break
        if (--missing === 0) return { first, offset: at + 1 }
      }
    }
    return { first: 0, offset: 0 }
  }

  /** The beginning of the line that a piece goes on with. */
  #beginningBefore(index: number): string {
    const { kind } = this.#pieces[index]!
    let beginning = ''
    for (let at = index - 1; at >= 0; at--) {
      const piece = this.#pieces[at]!
      if (piece.kind !== kind) continue
      const bytes = typeof piece.bytes === 'string' ? piece.bytes : piece.bytes.toString('latin1')
      const line = bytes.lastIndexOf('\n') + 1
      beginning = bytes.slice(line) + beginning
      if (line > 0 || piece.startsLine) return beginning
    }
    return CUT + beginning
  }
}

const decoded = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('utf8').replace(/\r$/, '')
