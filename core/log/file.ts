import { closeSync, fstatSync, openSync, statSync, writeSync } from 'node:fs'
import { resolve } from 'node:path'
import { reasonOf } from '../errors.ts'
import { formatEntry, type Output } from './entry.ts'
import { stderrOutput, tellStderr } from './stderr.ts'

/** How often, at most, it is looked whether the file is still there, or can be written again. */
const checkMs = 1_000

/**
 * Records at the end of a file. It is opened anew on `reopen`, and by itself once it was moved away or deleted.
 * While it cannot be written, records go to stderr, which says so once, and the file is tried again each second.
 */
export function fileOutput(path: string): Output {
  // The daemon may change its working directory later.
  const file = resolve(path)
  let fd: number | undefined
  let failing = false
  /** A write failed half way, so the next record must begin a line. */
  let torn = false
  let closed = false
  let checkedAt = Number.NEGATIVE_INFINITY

  const release = () => {
    if (fd === undefined) return
    try {
      closeSync(fd)
    } catch {
      // A disk that is full may say so as late as this.
    }
    fd = undefined
  }

  const ensure = (): number => {
    const now = performance.now()
    if (now - checkedAt >= checkMs) {
      checkedAt = now
      if (fd !== undefined && !isStillThere(fd, file)) release()
    }
    fd ??= openSync(file, 'a')
    return fd
  }

  return {
    write(entry) {
      if (closed) return
      if (failing && performance.now() - checkedAt < checkMs) {
        stderrOutput.write(entry)
        return
      }
      try {
        const open = ensure()
        const text = torn ? `\n${formatEntry(entry)}` : formatEntry(entry)
        torn = true
        writeAll(open, text)
        torn = false
        failing = false
      } catch (error) {
        checkedAt = performance.now()
        release()
        if (!failing) tellStderr(entry, `cannot write to the log ${file}, records come here: ${reasonOf(error)}`)
        failing = true
        stderrOutput.write(entry)
      }
    },
    reopen() {
      release()
      checkedAt = Number.NEGATIVE_INFINITY
    },
    close() {
      closed = true
      release()
    },
  }
}

function isStillThere(fd: number, file: string): boolean {
  const open = fstatSync(fd)
  const named = statSync(file, { throwIfNoEntry: false })
  return named !== undefined && named.ino === open.ino && named.dev === open.dev
}

/** A disk that fills up takes a part of a record. */
function writeAll(fd: number, text: string): void {
  let rest = Buffer.from(text)
  while (rest.length > 0) rest = rest.subarray(writeSync(fd, rest))
}
