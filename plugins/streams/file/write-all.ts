import { write, writev } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** Pauses, in milliseconds, while a pipe or a terminal takes nothing: the first, doubled up to the longest. */
const FIRST_PAUSE_MS = 2
const LONGEST_PAUSE_MS = 64
/** The most buffers in one system call: IOV_MAX. */
const MOST_BUFFERS = 1024

/** Why writing ended before all was written. */
export class PartlyWritten extends Error {
  readonly bytes: number

  constructor(bytes: number, cause: unknown) {
    super('not all was written', { cause })
    this.bytes = bytes
  }
}

/**
 * Write all of the buffers, off the event loop. Where a pipe or a terminal is full it is waited for, until `abandoned`.
 * Rejects with `PartlyWritten`.
 */
export async function writeAll(fd: number, buffers: readonly Buffer[], abandoned: () => boolean): Promise<void> {
  let rest = buffers
  let bytes = 0
  let pauseMs = FIRST_PAUSE_MS
  while (rest.length > 0) {
    try {
      const written = await writeSome(fd, rest)
      bytes += written
      rest = without(rest, written)
      pauseMs = FIRST_PAUSE_MS
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || abandoned()) throw new PartlyWritten(bytes, error)
      await sleep(pauseMs)
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
    }
  }
}

const writeSome = (fd: number, buffers: readonly Buffer[]): Promise<number> =>
  new Promise((resolve, reject) => {
    const done = (error: Error | null, written: number) => (error ? reject(error) : resolve(written))
    if (buffers.length === 1) write(fd, buffers[0]!, done)
    else writev(fd, buffers.slice(0, MOST_BUFFERS), done)
  })

function without(buffers: readonly Buffer[], bytes: number): readonly Buffer[] {
  let at = 0
  let left = bytes
  while (at < buffers.length && left >= buffers[at]!.length) left -= buffers[at++]!.length
  if (left === 0) return at === 0 ? buffers : buffers.slice(at)
  return [buffers[at]!.subarray(left), ...buffers.slice(at + 1)]
}
