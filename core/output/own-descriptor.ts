import { constants, fstatSync, openSync, write, writeSync } from 'node:fs'
import { isatty } from 'node:tty'
import { errno, send, systemError } from '../posix/libc.ts'

const darwin = process.platform === 'darwin'
const MSG_DONTWAIT = darwin ? 0x80 : 0x40
const AGAIN: readonly unknown[] = ['EAGAIN', 'EWOULDBLOCK']

/** Writes what fits of `data` from `at` on; returns how much, 0 when nothing fits now. Throws, or rejects, when it fails. */
export type WriteSome = (data: Buffer, at: number) => number | Promise<number>

/**
 * How to write to the daemon's own stdout (1) or stderr (2) so that neither the event loop nor a thread waits for whoever
 * reads it: a thread that waits would keep the program from ending.
 */
export function ownDescriptor(fd: 1 | 2): WriteSome {
  const stat = fstatSync(fd)
  if (stat.isSocket()) return (data, at) => sendSome(fd, data.subarray(at))
  if (stat.isFIFO() || isatty(fd)) {
    const own = openAnew(fd)
    if (own !== undefined) return (data, at) => writeWhatFits(own, data, at)
  }
  return (data, at) => inThread(fd, data, at)
}

/** Another description of the same pipe or terminal: those who share the one we were given have no use for O_NONBLOCK. */
function openAnew(fd: number): number | undefined {
  if (process.platform !== 'linux') return undefined
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  } catch {
    // A terminal that belongs to somebody else, after su.
    return undefined
  }
}

function writeWhatFits(fd: number, data: Buffer, at: number): number {
  try {
    return writeSync(fd, data, at, data.length - at)
  } catch (error) {
    if (AGAIN.includes((error as NodeJS.ErrnoException).code)) return 0
    throw error
  }
}

function sendSome(fd: number, data: Buffer): number {
  const sent = Number(send(fd, data, data.length, MSG_DONTWAIT))
  if (sent >= 0) return sent
  const error = systemError('send', 'its own output', errno())
  if (/EAGAIN|EWOULDBLOCK|EINTR/.test(error.message)) return 0
  throw error
}

/** A file is soon written, but not always: not on the event loop. */
const inThread = (fd: number, data: Buffer, at: number): Promise<number> =>
  new Promise((resolve, reject) =>
    write(fd, data, at, data.length - at, null, (error, written) => {
      if (!error) resolve(written)
      else if (AGAIN.includes(error.code)) resolve(0)
      else reject(error)
    }),
  )
