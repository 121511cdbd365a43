import type { OutputKind } from './stream.ts'

/** The most lines that are kept of a process. */
export const RECENT_LINES = 200
/** The most bytes that are kept of a process; of a longer piece, its end. */
const RECENT_BYTES = 32 * 1024

/** What a process wrote at a time. */
export interface RecentPiece {
  readonly kind: OutputKind
  /** Unix milliseconds. */
  readonly time: number
  /** Counts the pieces of a process, from 1. */
  readonly sequence: number
  /** One character per byte: the most compact there is. */
  readonly bytes: string
}

/** One line of what a process wrote. */
export interface RecentLine {
  readonly kind: OutputKind
  /** Unix milliseconds. */
  readonly time: number
  /** Without its line end. */
  readonly line: string
}

/** The end of what a process wrote, stdout and stderr in their order. */
export class RecentOutput {
  #pieces: RecentPiece[] = []
  #bytes = 0
  #sequence = 0

  /** The number of the last piece. */
  get sequence(): number {
    return this.#sequence
  }

  /** Remember a piece; returns its number. */
  add(kind: OutputKind, time: number, data: Buffer): number {
    const bytes = data.toString('latin1', Math.max(0, data.length - RECENT_BYTES))
    this.#sequence++
    this.#pieces.push({ kind, time, sequence: this.#sequence, bytes })
    this.#bytes += bytes.length
    // Each piece is a line at least.
    while (this.#pieces.length > RECENT_LINES || this.#bytes > 2 * RECENT_BYTES) {
      this.#bytes -= this.#pieces.shift()!.bytes.length
    }
    return this.#sequence
  }

  /** The last lines, the oldest first. */
  lines(count = RECENT_LINES, kind?: OutputKind): RecentLine[] {
    const lines: RecentLine[] = []
    /** For each kind, what of its last line came in pieces before. */
    const unfinished = { stdout: '', stderr: '' }
    for (const piece of this.#pieces) {
      if (kind !== undefined && piece.kind !== kind) continue
      const parts = (unfinished[piece.kind] + piece.bytes).split('\n')
      unfinished[piece.kind] = parts.pop()!
      for (const part of parts) lines.push({ kind: piece.kind, time: piece.time, line: decoded(part) })
    }
    const last = this.#pieces.at(-1)
    for (const each of ['stdout', 'stderr'] as const) {
      if (unfinished[each] !== '') lines.push({ kind: each, time: last!.time, line: decoded(unfinished[each]) })
    }
    return count === 0 ? [] : lines.slice(-count)
  }
}

const decoded = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('utf8').replace(/\r$/, '')
