import { closeSync, openSync, readFileSync, readSync } from 'node:fs'

/** Where `readProc` puts what it reads: one for all, since reading hundreds of small files is mostly the allocation of buffers. */
export const procBuffer = Buffer.allocUnsafeSlow(8192)
/** The kernel hands out a page at a time, as full as it gets: what is shorter than this is the whole file. */
const CERTAINLY_ALL = 2048

/** Read a file of /proc, 8 KB of it at most. How many bytes of `procBuffer` it has filled; -1 when it cannot be read. */
export function readProc(path: string): number {
  let fd: number
  try {
    fd = openSync(path, 'r')
  } catch {
    return -1
  }
  try {
    let length = readSync(fd, procBuffer, 0, procBuffer.length, null)
    for (let more = length; more >= CERTAINLY_ALL; length += more) {
      more = readSync(fd, procBuffer, length, procBuffer.length - length, null)
    }
    return length
  } catch {
    // It ended while its file was open.
    return -1
  } finally {
    closeSync(fd)
  }
}

/** The same as text; `null` when it cannot be read. */
export function readProcText(path: string, encoding: 'latin1' | 'utf8' = 'latin1'): string | null {
  const length = readProc(path)
  return length < 0 ? null : procBuffer.toString(encoding, 0, length)
}

/** A file of /proc that may be longer; `null` when it cannot be read. */
export function readWholeProc(path: string): string | null {
  const text = readProcText(path)
  if (text === null || text.length < procBuffer.length) return text
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return null
  }
}
