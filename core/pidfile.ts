import { closeSync, openSync, readFileSync, statSync, unlinkSync, writeSync } from 'node:fs'
import { getSystemErrorMessage, getSystemErrorName } from 'node:util'
import { KernelError } from './errors.ts'
import { processEntry } from './posix/proc.ts'

/** Clock ticks per second in `/proc`, on every architecture Linux runs on today. */
const ticksPerSecond = 100

/**
 * Write this process's pid to `path`. A file whose writer is gone is replaced. Returns how to take it away again:
 * that leaves alone a file which someone else has written meanwhile.
 *
 * @throws ERR_PIDFILE_HELD when a live process holds it; ERR_SYSTEM_CALL when it cannot be written.
 */
export function acquirePidfile(path: string): () => void {
  let fd: number | undefined
  while (fd === undefined) {
    try {
      fd = openSync(path, 'wx', 0o644)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw systemError('open', path, error)
      const holder = holderOf(path)
      if (holder !== null) throw new KernelError('ERR_PIDFILE_HELD', [path, holder])
      remove(path)
    }
  }
  writeSync(fd, `${process.pid}\n`)
  closeSync(fd)
  return () => {
    if (pidIn(path) === process.pid) remove(path)
  }
}

/** The live process that wrote the file, or `null`. The pid may be another process's by now, even this one's. */
function holderOf(path: string): number | null {
  const pid = pidIn(path)
  if (pid === null)
    throw new KernelError('ERR_SYSTEM_CALL', ['open', path, 'EEXIST', 'it holds something else than a pid'])
  if (pid === 0 || pid === process.pid) return null
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return null
  }
  return startedAfter(pid, path) ? null : pid
}

/** Whether the process is younger than the file, by more than the two seconds such clocks differ. */
function startedAfter(pid: number, path: string): boolean {
  const entry = processEntry(pid)
  if (entry === null) return false
  const booted = /^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'latin1'))?.[1]
  const startedMs = (Number(booted) + entry.startTime / ticksPerSecond) * 1_000
  return startedMs > statSync(path).mtimeMs + 2_000
}

/** The pid in the file; 0 when it is empty or gone, `null` when it holds anything else. */
function pidIn(path: string): number | null {
  try {
    const text = readFileSync(path, 'utf8').trim()
    return /^\d{0,10}$/.test(text) ? Number(text) : null
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0
    throw systemError('read', path, error)
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw systemError('unlink', path, error)
  }
}

function systemError(call: string, path: string, error: unknown): KernelError {
  const { errno = 0 } = error as NodeJS.ErrnoException
  return new KernelError('ERR_SYSTEM_CALL', [call, path, getSystemErrorName(errno), getSystemErrorMessage(errno)], {
    cause: error,
  })
}
