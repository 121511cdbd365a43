/**
 * Reads from pipes whose writers go on and on. Woken by each write, a reader would get a line at a time and spend more on
 * waking than on reading; so a busy pipe is looked at every millisecond instead. And where writers wait for the reader, the
 * pipe is made larger.
 */
import { fcntl } from './libc.ts'
import { dropSpareBlocks } from './pipe-buffers.ts'

const F_SETPIPE_SZ = 1031
const F_GETPIPE_SZ = 1032
const LARGE_BYTES = 512 * 1024
/**
 * So many pipes at a time are made large: an ordinary user has 64 MiB for all of them together, after which new pipes are
 * of two pages only (pipe(7), pipe-user-pages-soft).
 */
const LARGE_PIPES = 48
/** A large pipe from which nothing was read for so long gets back the size it had. */
const SILENT_MS = 1000
/** How long reading may keep the event loop at a time, in milliseconds. */
const SLICE_MS = 2
/** A pipe that was empty so many times more often than not is not busy any more. */
const EMPTY_LOOKS = 8

/** One pipe to be read. */
export interface BusyPipe {
  readonly fd: number
  /** Whether it keeps this process alive. */
  readonly vital: boolean
  /** When it was read last; as `performance.now()`. */
  readonly lastRead: number
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
let restoring: NodeJS.Timeout | undefined

/** Look at a pipe every millisecond, until it has been calm for a while, or `disregard` or `forget` is called. */
export function attend(pipe: BusyPipe): void {
  pipes.set(pipe, 0)
  schedule()
}

/** Do not look at it for now. */
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

/** Make a pipe large, if it can be, until its writer has been silent for a while. */
export function enlarge(pipe: BusyPipe): void {
  if (process.platform !== 'linux' || large.size >= LARGE_PIPES || large.has(pipe)) return
  const bytes = fcntl(pipe.fd, F_GETPIPE_SZ)
  // Refused where an ordinary user has too much in pipes already.
  if (bytes <= 0 || bytes >= LARGE_BYTES || fcntl(pipe.fd, F_SETPIPE_SZ, LARGE_BYTES) < 0) return
  large.set(pipe, bytes)
  restoring ??= setInterval(restoreSilent, SILENT_MS).unref()
}

function restoreSilent(): void {
  for (const [pipe, bytes] of large) {
    if (performance.now() - pipe.lastRead < SILENT_MS) continue
    // Refused while it holds more than that: nobody reads it now.
    if (fcntl(pipe.fd, F_SETPIPE_SZ, bytes) > 0) large.delete(pipe)
  }
  if (large.size > 0) return
  dropSpareBlocks()
  clearInterval(restoring)
  restoring = undefined
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
  else pipe.calm()
}
