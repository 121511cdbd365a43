import type { OutputKind, OutputPiece } from '../../../core/index.ts'

const LINE_END = 10

/** Something to be written to a file: a piece of output as it is, or lines of one, each with a prefix. */
export interface Part {
  readonly data: Buffer
  /** How many bytes of what a process wrote are in it. */
  readonly raw: number
  /** What it was made of; nothing for words of our own. */
  readonly piece: OutputPiece | undefined
  /** How long the prefix of each line is; 0: there is none. */
  readonly prefixBytes: number
  /** Whether `data` begins with a prefix, and not within a line. */
  readonly begun: boolean
}

/** The end of a line whose writer did not write it. */
export const lineEnd: Part = { data: Buffer.from('\n'), raw: 0, piece: undefined, prefixBytes: 0, begun: false }

/** A part of a part. */
export function partOf(part: Part, begin: number, end = part.data.length): Part {
  const data = part.data.subarray(begin, end)
  const begun = begin === 0 ? part.begun : part.data[begin - 1] === LINE_END
  return { ...part, data, begun, raw: rawBytes(part, data, begun) }
}

function rawBytes({ piece, prefixBytes }: Part, data: Buffer, begun: boolean): number {
  if (!piece) return 0
  return prefixBytes === 0 ? data.length : data.length - prefixesIn(data, begun) * prefixBytes
}

/** How many lines begin in `data`. */
function prefixesIn(data: Buffer, begun: boolean): number {
  let lines = begun ? 1 : 0
  // The one after the last line end is not in here.
  for (let at = data.indexOf(LINE_END); at >= 0 && at < data.length - 1; at = data.indexOf(LINE_END, at + 1)) lines++
  return lines
}

/** A line in a file that is not finished, and who began it. */
export interface OpenLine {
  readonly pid: number
  readonly kind: OutputKind
  readonly bytes: number
}

/** What of the last line is in the file once `part` is, if it is not finished then. */
export function openLineAfter({ data, piece }: Part, before: OpenLine | undefined): OpenLine | undefined {
  const begin = data.lastIndexOf(LINE_END) + 1
  if (begin === data.length || !piece) return undefined
  const bytes = data.length - begin + (begin === 0 ? (before?.bytes ?? 0) : 0)
  return { pid: piece.pid, kind: piece.kind, bytes }
}

/** Whether a piece goes on with the line that is open. */
export const goesOn = (line: OpenLine | undefined, { startsLine, pid, kind }: OutputPiece): boolean =>
  line !== undefined && !startsLine && line.pid === pid && line.kind === kind
