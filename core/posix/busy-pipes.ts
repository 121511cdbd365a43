/**
 * Reads from pipes whose writers go on and on. Woken by each write, a reader would get a line at a time and spend more on
 * waking than on reading; so a busy pipe is made larger and looked at every millisecond instead.
 */
import { fcntl } from './libc.ts'

const F_SETPIPE_SZ = 1031
const F_GETPIPE_SZ = 1032
/** The most an ordinary user may ask for, unless root has changed it: /proc/sys/fs/pipe-max-size. */
const LARGE_BYTES = 1024 * 1024
/**
 * So many pipes at a time are made large: an ordinary user has 64 MiB for all of them together, after which new pipes are
 * of two pages only (pipe(7), pipe-user-pages-soft).
 */
const LARGE_PIPES = 24
/** How long reading may keep the event loop at a time, in milliseconds. */
const SLICE_MS = 2
/** A pipe that was empty so many times more often than not is not busy any more. */
const EMPTY_LOOKS = 8

/** One pipe to be read. */
export interface BusyPipe {
  readonly fd: number
  /** Whether it keeps this process alive. */
  readonly vital: boolean
  /** Read what is there, within bounds. Returns whether there was anything. */
  read(): boolean
  /** Its writer has fallen silent: from now on it is to be watched again. */
  calm(): void
}

/** How often each was empty, less how often it was not. */
const pipes = new Map<BusyPipe, number>()
/** The size that each of those that were made large had before. */
const large = new Map<BusyPipe, number>()
let timer: NodeJS.Timeout | undefined

/** Look at a pipe every millisecond, until it has been calm for a while, or `disregard` or `forget` is called. */
export function attend(pipe: BusyPipe): void {
  pipes.set(pipe, 0)
  enlarge(pipe)
  schedule()
}

/** Do not look at it for now. It keeps its size. */
export function disregard(pipe: BusyPipe): void {
  pipes.delete(pipe)
}

/** It is being closed: forget it. */
export function forget(pipe: BusyPipe): void {
  pipes.delete(pipe)
  large.delete(pipe)
}

/** Something about a pipe that is looked at has changed. */
export function refreshVitality(): void {
  if (!timer) return
  if ([...pipes.keys()].some((pipe) => pipe.vital)) timer.ref()
  else timer.unref()
}

function enlarge(pipe: BusyPipe): void {
  if (process.platform !== 'linux' || large.size >= LARGE_PIPES || large.has(pipe)) return
  const bytes = fcntl(pipe.fd, F_GETPIPE_SZ)
  // Refused where an ordinary user has too much in pipes already.
  if (bytes > 0 && bytes < LARGE_BYTES && fcntl(pipe.fd, F_SETPIPE_SZ, LARGE_BYTES) > 0) large.set(pipe, bytes)
}

function restore(pipe: BusyPipe): void {
  const bytes = large.get(pipe)
  // Refused while it holds more than that: then it is tried again the next time that it falls silent.
  if (bytes !== undefined && fcntl(pipe.fd, F_SETPIPE_SZ, bytes) > 0) large.delete(pipe)
}

function schedule(): void {
  if (timer || pipes.size === 0) return
  timer = setTimeout(look, 1)
  refreshVitality()
}

function look(): void {
  const ends = performance.now() + SLICE_MS
  try {
    for (const [pipe, emptyLooks] of [...pipes]) {
      // Those that come later have had their turn last time.
      if (performance.now() > ends) break
      if (pipes.has(pipe)) lookAt(pipe, emptyLooks)
    }
  } finally {
    timer = undefined
    schedule()
  }
}

function lookAt(pipe: BusyPipe, emptyLooks: number): void {
  const empty = pipe.read() ? Math.max(emptyLooks - 1, 0) : emptyLooks + 1
  // To the end of the line: whoever is late this time is first the next.
  if (!pipes.delete(pipe)) return
  if (empty < EMPTY_LOOKS) pipes.set(pipe, empty)
  else {
    restore(pipe)
    pipe.calm()
  }
}
