import { closeSync, constants, fchownSync, openSync, readSync } from 'node:fs'
import { attend, type BusyPipe, disregard, enlarge, forget, refreshVitality } from './busy-pipes.ts'
import { errno, pipe2, systemError } from './libc.ts'
import { readBuffer } from './pipe-buffers.ts'
import { type Watch, watchReadable } from './reactor.ts'

const O_CLOEXEC = 0o2000000
/** The most that is drained at a time: what a pipe can hold unless root made it larger (/proc/sys/fs/pipe-max-size). */
const PIPE_MAX_BYTES = 1024 * 1024

/** Whether this platform has what it takes to read the output of programs; elsewhere they have the daemon's own. */
export const canPipe = pipe2 !== null

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

/** What becomes of what is read from a pipe. */
export interface PipeSink {
  /**
   * Asked before each read but those of `drain`: whether there is room for what may come. Whoever says no has to `resume`
   * the reader later: it is paused. @default always
   */
  hasRoom?(reader: PipeReader): boolean
  /** A piece of what was written. `data` is valid only during the call, unless it is kept (`keepRead`). */
  onData(data: Buffer): void
  /** Nobody has the write end any more. Called once, also when reading fails; not after `close`. */
  onEnd(): void
}

/** Reads a pipe until its last writer is gone. */
export interface PipeReader {
  /** Read at once whatever is in the pipe, but not what somebody goes on writing; also while it is paused. */
  drain(): void
  /** Read nothing until `resume`: whoever writes more than the pipe holds waits. */
  pause(): void
  resume(): void
  /** From now on it does not keep this process alive. */
  unref(): void
  /** Stop reading and close the read end. */
  close(): void
}

/** So many reads, none long after the one before, make a pipe a busy one. */
const BUSY_READS = 16
const SHORTLY_MS = 2
/** So much at a time, so many times in a row, and its writer must have waited: a pipe usually holds 64 KiB. */
const MUCH_BYTES = 48 * 1024
const MUCH_READS = 4
/** How often one pipe is read before it is another's turn. */
const READS_PER_TURN = 2

/** Read a pipe as data comes. The reader closes itself at the end of the pipe. */
export function readPipe(readEnd: number, sink: PipeSink): PipeReader {
  return new Reader(readEnd, sink)
}

/** How a reader comes to read: told when there is something, looking every millisecond, or not at all. */
type Mode = 'watching' | 'busy' | 'paused' | 'closed'

class Reader implements PipeReader, BusyPipe {
  readonly fd: number
  vital = true
  lastRead = 0
  readonly #sink: PipeSink
  #mode: Mode = 'paused'
  /** What it goes back to after a pause. */
  #before: 'watching' | 'busy' = 'watching'
  #watch: Watch | undefined
  /** Reads in a row, each shortly after the one before; and those of them that brought much. */
  #streak = 0
  #muchStreak = 0

  constructor(fd: number, sink: PipeSink) {
    this.fd = fd
    this.#sink = sink
    this.#setMode('watching')
  }

  drain(): void {
    for (let left = PIPE_MAX_BYTES; this.#mode !== 'closed' && left > 0; ) {
      const length = this.#readOnce()
      if (length === 0) return
      left -= length
    }
  }

  pause(): void {
    this.#setMode('paused')
  }

  resume(): void {
    if (this.#mode !== 'paused') return
    // Most likely there is something; and while it is paused nobody is told of it.
    this.#readOnce()
    if (this.#mode === 'paused' && this.#mayRead()) this.#setMode(this.#before)
  }

  unref(): void {
    this.vital = false
    this.#watch?.unref()
    refreshVitality()
  }

  close(): void {
    if (this.#mode === 'closed') return
    this.#setMode('closed')
    closeSync(this.fd)
  }

  /** For `attend`. */
  read(): boolean {
    let any = false
    for (let turn = 0; turn < READS_PER_TURN && this.#mode === 'busy' && this.#mayRead(); turn++) {
      const length = this.#readOnce()
      any ||= length > 0
      if (length < MUCH_BYTES) break
    }
    return any
  }

  /** For `attend`. */
  calm(): void {
    this.#setMode('watching')
  }

  #setMode(mode: Mode): void {
    if (this.#mode === mode || this.#mode === 'closed') return
    this.#watch?.end()
    this.#watch = undefined
    if (mode === 'closed') forget(this)
    else if (this.#mode === 'busy') disregard(this)
    this.#mode = mode
    if (mode !== 'watching' && mode !== 'busy') return
    this.#before = mode
    if (mode === 'busy') attend(this)
    else this.#beTold()
  }

  #beTold(): void {
    this.#streak = 0
    this.#watch = watchReadable(this.fd, () => this.#onReadable())
    if (!this.vital) this.#watch.unref()
  }

  #onReadable(): void {
    if (this.#mode !== 'watching' || !this.#mayRead()) return
    const { lastRead } = this
    this.#readOnce()
    this.#streak = this.lastRead - lastRead < SHORTLY_MS ? this.#streak + 1 : 0
    if (this.#streak >= BUSY_READS && this.#mode === 'watching') this.#setMode('busy')
  }

  #mayRead(): boolean {
    if (this.#sink.hasRoom?.(this) ?? true) return true
    this.pause()
    return false
  }

  /** How much was read; 0 when there is nothing more. */
  #readOnce(): number {
    const buffer = readBuffer()
    let length: number
    try {
      length = readSync(this.fd, buffer)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') this.#end()
      return 0
    }
    if (length === 0) this.#end()
    else {
      this.lastRead = performance.now()
      this.#muchStreak = length < MUCH_BYTES ? 0 : this.#muchStreak + 1
      if (this.#muchStreak >= MUCH_READS) enlarge(this)
      this.#sink.onData(buffer.subarray(0, length))
    }
    return length
  }

  #end(): void {
    this.close()
    this.#sink.onEnd()
  }
}
