import { closeSync, constants, fchownSync, openSync, readSync } from 'node:fs'
import { errno, pipe2, systemError } from './libc.ts'
import { watchReadable } from './reactor.ts'

const O_CLOEXEC = 0o2000000
/** The most a pipe can hold unless root made it larger: /proc/sys/fs/pipe-max-size. */
const PIPE_MAX_BYTES = 1024 * 1024

/** A pipe for a child's output. */
export interface OutputPipe {
  /** Not blocking; for `readPipe`. */
  readonly readEnd: number
  /** For the child. It is open for reading too, so that the pipe keeps a reader, and the child can go on writing, when the daemon dies. */
  readonly writeEnd: number
}

/**
 * Make a pipe. Both ends are close-on-exec. `owner` is the user who will write to it: opening `/dev/stdout` takes the
 * permission to write, which only the pipe's owner has.
 */
export function openPipe(owner: number | null): OutputPipe {
  if (pipe2 === null) throw systemError('pipe2', 'on this platform', 38)
  const ends = Buffer.alloc(8)
  if (pipe2(ends, O_CLOEXEC | constants.O_NONBLOCK) !== 0) throw systemError('pipe2', '', errno())
  const readEnd = ends.readInt32LE(0)
  const writeOnly = ends.readInt32LE(4)
  try {
    const writeEnd = openSync(`/proc/self/fd/${writeOnly}`, constants.O_RDWR | O_CLOEXEC)
    if (owner !== null) giveTo(owner, writeEnd)
    return { readEnd, writeEnd }
  } catch (error) {
    closeSync(readEnd)
    throw error
  } finally {
    closeSync(writeOnly)
  }
}

function giveTo(owner: number, fd: number): void {
  try {
    fchownSync(fd, owner, -1)
  } catch {
    // Without the right to do so, only what the child opens anew is lost.
  }
}

// One buffer for all pipes: what a listener keeps it must copy.
const buffer = Buffer.allocUnsafeSlow(64 * 1024)

/** Reads a pipe until its last writer is gone. */
export interface PipeReader {
  /** Read at once whatever is in the pipe, but not what somebody goes on writing. */
  drain(): void
  /** From now on it does not keep this process alive. */
  unref(): void
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
    watch.end()
    closeSync(readEnd)
  }
  /** How much was read; 0 when there is nothing more. */
  const readOnce = (): number => {
    let length: number
    try {
      length = readSync(readEnd, buffer)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') close()
      return 0
    }
    if (length === 0) close()
    else onData(buffer.subarray(0, length))
    return length
  }
  const watch = watchReadable(readEnd, () => void (open && readOnce()))
  return {
    drain() {
      for (let left = PIPE_MAX_BYTES; open && left > 0; ) {
        const length = readOnce()
        if (length === 0) return
        left -= length
      }
    },
    unref: () => watch.unref(),
    close,
  }
}
