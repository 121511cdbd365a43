import { close, constants, fchmod, fstat, mkdir, open, read, type Stats, stat } from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'

const openAsync = promisify(open)
const closeAsync = promisify(close)
const fchmodAsync = promisify(fchmod)
const fstatAsync = promisify(fstat)
const mkdirAsync = promisify(mkdir)
const readAsync = promisify(read)
const statAsync = promisify(stat)

/** A FIFO or a terminal must not block a thread that others wait for as well. */
const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK | constants.O_NOCTTY
const LINE_END = 10

/** A file that is open for writing at its end. */
export interface OpenFile {
  readonly fd: number
  /** Tells it from any other file that exists. */
  readonly identity: string
  /** No device, pipe or terminal: it has a size, and can be moved. */
  readonly regular: boolean
  readonly size: number
  /** When it was written last, in Unix milliseconds. */
  readonly mtimeMs: number
  /** Whether what is written next begins a line. */
  readonly endsLine: boolean
}

/**
 * Open a file for appending; it and its folder are made where they are missing, but not the folder of that folder.
 * `mode` is that of a new file, whatever the umask.
 */
export async function openFile(path: string, mode: number | undefined): Promise<OpenFile> {
  const fd = await openOrMake(path, mode)
  try {
    const stats = await fstatAsync(fd)
    // A pipe that its readers have left, and one that has none yet, takes what it has room for.
    const kept = stats.isFIFO() ? await exchange(fd, path) : fd
    const regular = stats.isFile()
    return {
      fd: kept,
      identity: identityOf(stats),
      regular,
      size: regular ? stats.size : 0,
      mtimeMs: stats.mtimeMs,
      endsLine: !regular || stats.size === 0 || (await endsLine(path, stats)),
    }
  } catch (error) {
    closeFile(fd)
    throw error
  }
}

/** What tells a file from any other. */
const identityOf = ({ dev, ino }: Stats): string => `${dev}:${ino}`

/** Which file has that name now; `undefined`: none. */
export async function identityAt(path: string): Promise<string | undefined> {
  try {
    return identityOf(await statAsync(path))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** How large it is, and whether it still has a name. */
export async function stateOf(fd: number): Promise<{ readonly size: number; readonly deleted: boolean }> {
  const { size, nlink } = await fstatAsync(fd)
  return { size, deleted: nlink === 0 }
}

/** Close it, in the background: whatever there is to say was said by a write. */
export const closeFile = (fd: number): void => void closeAsync(fd).catch(() => {})

async function openOrMake(path: string, mode: number | undefined): Promise<number> {
  try {
    return await openExisting(path)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
  }
  try {
    return await make(path, mode)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
    await makeFolder(dirname(path), error)
    return make(path, mode)
  }
}

async function makeFolder(path: string, missing: unknown): Promise<void> {
  try {
    await mkdirAsync(path)
  } catch (error) {
    // Another stream may have been faster.
    if (codeOf(error) !== 'EEXIST') throw codeOf(error) === 'ENOENT' ? missing : error
  }
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code

async function openExisting(path: string): Promise<number> {
  try {
    return await openAsync(path, APPEND)
  } catch (error) {
    if (codeOf(error) !== 'ENXIO') throw error
    return openAsync(path, (APPEND & ~constants.O_WRONLY) | constants.O_RDWR)
  }
}

async function make(path: string, mode: number | undefined): Promise<number> {
  try {
    const fd = await openAsync(path, APPEND | constants.O_CREAT | constants.O_EXCL, mode ?? 0o666)
    if (mode !== undefined) await fchmodAsync(fd, mode).catch(() => {})
    return fd
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
    // Somebody else was faster, or it is a link to where nothing is.
    return openAsync(path, APPEND | constants.O_CREAT, mode ?? 0o666)
  }
}

async function exchange(fd: number, path: string): Promise<number> {
  const both = await openAsync(path, (APPEND & ~constants.O_WRONLY) | constants.O_RDWR)
  closeFile(fd)
  return both
}

async function endsLine(path: string, { dev, ino, size }: Stats): Promise<boolean> {
  let fd: number | undefined
  try {
    fd = await openAsync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    if (identityOf(await fstatAsync(fd)) !== identityOf({ dev, ino } as Stats)) return true
    const last = Buffer.alloc(1)
    await readAsync(fd, last, 0, 1, size - 1)
    return last[0] === LINE_END
  } catch {
    // What may be written need not be readable.
    return true
  } finally {
    if (fd !== undefined) closeFile(fd)
  }
}
