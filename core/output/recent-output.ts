import type { OutputKind } from './stream.ts'

/** The most lines that are kept of a process. */
export const RECENT_LINES = 200
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
  /** One character per byte: the most compact there is. */
  readonly bytes: string
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

  /** Of what came after so many bytes, all is kept. */
  get from(): number {
    return this.#from
  }

  /** How many bytes there were so far, of stdout and stderr together. */
  get sequence(): number {
    return this.#sequence
  }

  /** Remember a piece; returns how many bytes there were with it. */
  add(kind: OutputKind, time: number, data: Buffer, startsLine: boolean): number {
    this.#sequence += data.length
    const end = data.toString('latin1', Math.max(0, data.length - PIECE_BYTES))
    const isWhole = end.length === data.length
    const bytes = isWhole ? end : withoutTornLine(end)
    this.#pieces.push({ kind, time, sequence: this.#sequence, startsLine: startsLine || !isWhole, bytes })
    this.#bytes += bytes.length
    if (!isWhole) this.#from = this.#sequence - bytes.length
    while (this.#pieces.length > RECENT_LINES || this.#bytes > RECENT_BYTES) {
      const { bytes: gone, sequence } = this.#pieces.shift()!
      this.#bytes -= gone.length
      this.#from = Math.max(this.#from, sequence)
    }
    return this.#sequence
  }

  /** The last lines, the oldest first; those that have no end yet come last. */
  lines(count = RECENT_LINES, kind?: OutputKind): RecentLine[] {
    const lines: RecentLine[] = []
    /** For each kind, the line that has no end yet. */
    const unfinished: Partial<Record<OutputKind, RecentLine>> = {}
    for (const piece of this.#pieces) {
      if (kind !== undefined && piece.kind !== kind) continue
      const { kind: own, time, sequence, startsLine } = piece
      const before = unfinished[own]
      // The end of that one was not kept.
      if (before && startsLine)
        lines.push({ kind: own, time: before.time, sequence: before.sequence, line: before.line })
      let beginning = startsLine ? '' : (before?.line ?? CUT)
      delete unfinished[own]
      let from = 0
      for (let end = piece.bytes.indexOf('\n'); end >= 0; end = piece.bytes.indexOf('\n', from)) {
        const line = beginning + piece.bytes.slice(from, end)
        from = end + 1
        beginning = ''
        lines.push({ kind: own, time, sequence: sequence - piece.bytes.length + from, line })
      }
      const rest = beginning + piece.bytes.slice(from)
      if (rest !== '') unfinished[own] = { kind: own, time, sequence, line: rest, unfinished: true }
    }
    lines.push(...Object.values(unfinished))
    return count === 0 ? [] : lines.slice(-count).map((line) => ({ ...line, line: decoded(line.line) }))
  }
}

/** The end of a piece of which the beginning is not kept: from its first whole line on, if there is one. */
function withoutTornLine(bytes: string): string {
  const first = bytes.indexOf('\n') + 1
  return first > 0 && first < bytes.length ? bytes.slice(first) : bytes.replace(/^[\x80-\xbf]{0,3}/, CUT)
}

const decoded = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('utf8').replace(/\r$/, '')
