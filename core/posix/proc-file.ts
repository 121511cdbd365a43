import { closeSync, openSync, readFileSync, readSync } from 'node:fs'

/** One for all: reading hundreds of small files is mostly the allocation of buffers. */
const buffer = Buffer.allocUnsafeSlow(8192)
/** The kernel hands out a page at a time, as full as it gets: what is shorter than this is the whole file. */
const CERTAINLY_ALL = 2048

/** A file of /proc, 8 KB of it at most; `null` when it cannot be read. What it gives is good until the next call. */
export function readProc(path: string): Buffer | null {
  let fd: number
  try {
    fd = openSync(path, 'r')
  } catch {
    return null
  }
  try {
    let length = readSync(fd, buffer, 0, buffer.length, null)
    for (let more = length; more >= CERTAINLY_ALL; length += more) {
      more = readSync(fd, buffer, length, buffer.length - length, null)
    }
    return buffer.subarray(0, length)
  } catch {
    // It ended while its file was open.
    return null
  } finally {
    closeSync(fd)
  }
}

/** The same as text. */
export const readProcText = (path: string, encoding: 'latin1' | 'utf8' = 'latin1'): string | null =>
  readProc(path)?.toString(encoding) ?? null

/** A file of /proc that may be longer; `null` when it cannot be read. */
export function readWholeProc(path: string): string | null {
  const text = readProcText(path)
  if (text === null || text.length < buffer.length) return text
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return null
  }
}
