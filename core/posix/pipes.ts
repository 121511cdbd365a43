import { closeSync, constants, openSync, readSync } from 'node:fs'
import { errno, pipe2, systemError } from './libc.ts'
import { watchReadable } from './reactor.ts'

const O_CLOEXEC = 0o2000000

/** A pipe for a child's output. */
export interface OutputPipe {
  /** Not blocking; for `readPipe`. */
  readonly readEnd: number
  /** For the child. It is open for reading too, so that the pipe keeps a reader, and the child can go on writing, when the daemon dies. */
  readonly writeEnd: number
}

/** Make a pipe. Both ends are close-on-exec. */
export function openPipe(): OutputPipe {
  if (pipe2 === null) throw systemError('pipe2', 'on this platform', 38)
  const ends = Buffer.alloc(8)
  if (pipe2(ends, O_CLOEXEC | constants.O_NONBLOCK) !== 0) throw systemError('pipe2', '', errno())
  const readEnd = ends.readInt32LE(0)
  const writeOnly = ends.readInt32LE(4)
  try {
    return { readEnd, writeEnd: openSync(`/proc/self/fd/${writeOnly}`, constants.O_RDWR | O_CLOEXEC) }
  } catch (error) {
    closeSync(readEnd)
    throw error
  } finally {
    closeSync(writeOnly)
  }
}

// One buffer for all pipes: what a listener keeps it must copy.
const buffer = Buffer.allocUnsafeSlow(64 * 1024)

/** Reads a pipe until its last writer is gone. */
export interface PipeReader {
  /** Read at once whatever is in the pipe. */
  drain(): void
  /** Stop reading and close the read end. */
  close(): void
}

/**
 * Read a pipe as data comes. `data` is valid only during the call of `onData`. The reader closes itself at the end of
 * the pipe: when no process has its write end any more.
 */
export function readPipe(readEnd: number, onData: (data: Buffer) => void): PipeReader {
  let open = true
  const close = () => {
    if (!open) return
    open = false
    unwatch()
    closeSync(readEnd)
  }
  /** Whether there may be more to read. */
  const readOnce = (): boolean => {
    let length: number
    try {
      length = readSync(readEnd, buffer)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') close()
      return false
    }
    if (length === 0) {
      close()
      return false
    }
    onData(buffer.subarray(0, length))
    return true
  }
  const unwatch = watchReadable(readEnd, () => void (open && readOnce()))
  return {
    drain: () => {
      while (open && readOnce());
    },
    close,
  }
}
