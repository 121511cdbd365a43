import { closeSync, openSync, readSync } from 'node:fs'

const LINE_BYTES = 100
const LINE_END = 10
const CHUNK_BYTES = 4 * 1024 * 1024

/** What is wrong with what the writers wrote, as far as the files show it. */
export interface Verdict {
  /** Whole lines that were found. */
  readonly lines: number
  /** Lines that should be between those that were found, or after them, and are not. */
  readonly lost: number
  /** What is no whole line within one file. */
  readonly torn: number
}

/** What is known of one writer so far. */
interface Writer {
  next: number
}

/**
 * Read files that belong together, the oldest first, and see whether every line is there once, whole and in order: from the
 * first of each writer in the oldest file to the last that it says it wrote.
 *
 * @param written How many lines each writer wrote, by its pid.
 * @param complete Whether nothing was rotated away.
 */
export function verify(groups: readonly string[][], written: ReadonlyMap<number, number>, complete: boolean): Verdict {
  const writers = new Map<number, Writer>()
  if (complete) for (const pid of written.keys()) writers.set(pid, { next: 0 })
  const sum = { lines: 0, lost: 0, torn: 0 }
  const onLine = (line: Buffer) => {
    const at = line.length - LINE_BYTES
    if (at < 0 || line[at + 10] !== 32 || line[at + 21] !== 32 || line[at + 22] !== 120) return void sum.torn++
    const pid = digits(line, at)
    const sequence = digits(line, at + 11)
    if (!written.has(pid) || Number.isNaN(sequence)) return void sum.torn++
    const writer = writers.get(pid) ?? { next: sequence }
    writers.set(pid, writer)
    sum.lines++
    // One that comes again or too late is no less wrong than one that does not come.
    sum.lost += Math.abs(sequence - writer.next)
    writer.next = sequence + 1
  }
  for (const files of groups) {
    let rest = Buffer.alloc(0)
    for (const file of files) {
      // A rotation has cut the line.
      if (rest.length > 0) sum.torn++
      rest = eachLine(file, rest, onLine)
    }
    if (rest.length > 0) sum.torn++
  }
  for (const [pid, { next }] of writers) sum.lost += Math.abs((written.get(pid) ?? 0) - next)
  return sum
}

/** Calls `onLine` with each line of a file, the first continuing `before`; returns what is after the last line end. */
function eachLine(path: string, before: Buffer, onLine: (line: Buffer) => void): Buffer<ArrayBuffer> {
  const chunk = Buffer.alloc(CHUNK_BYTES)
  let rest = Buffer.from(before)
  const fd = openSync(path, 'r')
  try {
    for (let length = readSync(fd, chunk); length > 0; length = readSync(fd, chunk)) {
      const read = chunk.subarray(0, length)
      const data = rest.length > 0 ? Buffer.concat([rest, read]) : read
      let from = 0
      for (let end = data.indexOf(LINE_END); end >= 0; end = data.indexOf(LINE_END, from)) {
        onLine(data.subarray(from, end + 1))
        from = end + 1
      }
      rest = Buffer.from(data.subarray(from))
    }
  } finally {
    closeSync(fd)
  }
  return rest
}

function digits(line: Buffer, from: number): number {
  let value = 0
  for (let at = from; at < from + 10; at++) {
    const digit = line[at]! - 48
    if (digit < 0 || digit > 9) return Number.NaN
    value = value * 10 + digit
  }
  return value
}
