import { fstatSync, write } from 'node:fs'
import { errno, send, systemError } from '../posix/libc.ts'
import { unblocked, writeWhatFits } from './unblocked.ts'

const MSG_DONTWAIT = process.platform === 'darwin' ? 0x80 : 0x40

/** Writes what fits of `data` from `at` on; returns how much, 0 when nothing fits now. Throws, or rejects, when it fails. */
export type WriteSome = (data: Buffer, at: number) => number | Promise<number>

/**
 * How to write to the daemon's own stdout (1) or stderr (2) so that neither the event loop nor a thread waits for whoever
 * reads it: a thread that waits would keep the program from ending.
 */
export function ownDescriptor(fd: 1 | 2): WriteSome {
  if (fstatSync(fd).isSocket()) return (data, at) => sendSome(fd, data.subarray(at))
  const own = unblocked(fd)
  if (own !== undefined) return (data, at) => writeWhatFits(own, data, at)
  return (data, at) => inThread(fd, data, at)
}

function sendSome(fd: number, data: Buffer): number {
  const sent = Number(send(fd, data, data.length, MSG_DONTWAIT))
  if (sent >= 0) return sent
  const error = systemError('send', 'its own output', errno())
  if (/EAGAIN|EINTR/.test(error.message)) return 0
  throw error
}

/** A file is soon written, but not always: not on the event loop. */
const inThread = (fd: number, data: Buffer, at: number): Promise<number> =>
  new Promise((resolve, reject) =>
    write(fd, data, at, data.length - at, null, (error, written) => {
      if (!error) resolve(written)
      else if (error.code === 'EAGAIN') resolve(0)
      else reject(error)
    }),
  )
