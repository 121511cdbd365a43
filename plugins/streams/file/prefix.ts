import type { OutputPiece } from '../../../core/index.ts'
import { timeFormat } from '../strftime.ts'
import type { Arena } from './arena.ts'
import type { Part } from './part.ts'

/** Lines are prefixed so many bytes at a time: strings of that size stay in the processor's cache. */
const CHUNK_BYTES = 16 * 1024
const LINE_END = 10

/** Puts the time and the process before each line: `2026-11-23 12:00:00 [4711] | `. */
export class Prefix {
  readonly #format: (time: number) => string
  #time: string | undefined
  #pid = 0
  /** One character per byte. */
  #prefix = ''
  #replacement = ''

  constructor(format: string) {
    this.#format = timeFormat(format)
  }

  /**
   * The lines of a piece with their prefixes, some at a time. `begun`: whether the first begins here, and does not go on
   * with what is in the file already. A part is valid until the arena is cleared.
   */
  *parts(piece: OutputPiece, begun: boolean, arena: Arena): Generator<Part> {
    const { data } = piece
    this.#prepare(piece)
    for (let at = 0; at < data.length; ) {
      const end = chunkEnd(data, at)
      yield this.#part(piece, at, end, at === 0 ? begun : data[at - 1] === LINE_END, arena)
      at = end
    }
  }

  #part(piece: OutputPiece, at: number, end: number, begun: boolean, arena: Arena): Part {
    const ended = piece.data[end - 1] === LINE_END
    const lines = piece.data.toString('latin1', at, ended ? end - 1 : end).replace(/\n/g, this.#replacement)
    const prefix = begun ? this.#prefix : ''
    const data = arena.take(prefix.length + lines.length + (ended ? 1 : 0))
    data.write(prefix, 0, 'latin1')
    data.write(lines, prefix.length, 'latin1')
    if (ended) data[data.length - 1] = LINE_END
    return { data, raw: end - at, piece, prefixBytes: this.#prefix.length, begun }
  }

  #prepare({ time, pid }: OutputPiece): void {
    const words = this.#format(time)
    if (words === this.#time && pid === this.#pid) return
    this.#time = words
    this.#pid = pid
    // A line stays one line.
    const text = `${words.replaceAll('\n', ' ')} [${pid}] | `
    this.#prefix = Buffer.from(text).toString('latin1')
    this.#replacement = `\n${this.#prefix.replaceAll('$', '$$$$')}`
  }
}

/** Where to cut: after a line, unless that is a very long one. */
function chunkEnd(data: Buffer, at: number): number {
  if (data.length - at <= CHUNK_BYTES) return data.length
  const end = data.lastIndexOf(LINE_END, at + CHUNK_BYTES - 1) + 1
  if (end > at) return end
  return data.indexOf(LINE_END, at + CHUNK_BYTES) + 1 || data.length
}
