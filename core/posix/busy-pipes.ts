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
/** A pipe that was empty so many times in a row is not busy any more. */
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

const pipes = new Map<BusyPipe, { emptyLooks: number; restore: number | null }>()
let large = 0
let timer: NodeJS.Timeout | undefined

/** Look at a pipe every millisecond, until it has been calm for a while or `forget` is called. */
export function attend(pipe: BusyPipe): void {
  pipes.set(pipe, { emptyLooks: 0, restore: enlarge(pipe.fd) })
  schedule()
}

/** Do not look at it any more; nothing happens if nobody did. */
export function forget(pipe: BusyPipe): void {
  const entry = pipes.get(pipe)
  if (!entry) return
  pipes.delete(pipe)
  if (entry.restore === null) return
  large--
  // Refused while it holds more than that: it stays large then.
  fcntl(pipe.fd, F_SETPIPE_SZ, entry.restore)
}

/** Something about a pipe that is looked at has changed. */
export function refreshVitality(): void {
  if (!timer) return
  const vital = [...pipes.keys()].some((pipe) => pipe.vital)
  if (vital) timer.ref()
  else timer.unref()
}

function enlarge(fd: number): number | null {
  if (process.platform !== 'linux' || large >= LARGE_PIPES) return null
  const bytes = fcntl(fd, F_GETPIPE_SZ)
  if (bytes < 0 || bytes >= LARGE_BYTES || fcntl(fd, F_SETPIPE_SZ, LARGE_BYTES) < 0) return null
  large++
  return bytes
}

function schedule(): void {
  if (timer || pipes.size === 0) return
  timer = setTimeout(look, 1)
  refreshVitality()
}

function look(): void {
  const ends = performance.now() + SLICE_MS
  for (const [pipe, entry] of [...pipes]) {
    // Those that come later have had their turn last time.
    if (performance.now() > ends) break
    if (!pipes.has(pipe)) continue
    if (pipe.read()) entry.emptyLooks = 0
    else if (++entry.emptyLooks >= EMPTY_LOOKS) {
      forget(pipe)
      pipe.calm()
      continue
    }
    // To the end of the line: whoever is late this time is first the next.
    if (pipes.delete(pipe)) pipes.set(pipe, entry)
  }
  timer = undefined
  schedule()
}
