import { write } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { NotAllTaken, type OutputStream } from './stream.ts'

/** How long to wait, in milliseconds, for whoever reads the daemon's own output without blocking it. */
const AGAIN_MS = 5

/** The end of the last write to each: watchers write one after another, so that their lines stay whole. */
const turns: Record<1 | 2, Promise<unknown>> = { 1: Promise.resolve(), 2: Promise.resolve() }

/** The daemon's own stdout (1) or stderr (2), as it is. */
export function ownStream(fd: 1 | 2): OutputStream {
  return {
    wholeLines: false,
    write(pieces) {
      const data = pieces.length === 1 ? pieces[0]!.data : Buffer.concat(pieces.map((piece) => piece.data))
      const turn = turns[fd].then(() => writeAll(fd, data))
      turns[fd] = turn.catch(() => {})
      return turn
    },
  }
}

async function writeAll(fd: 1 | 2, data: Buffer): Promise<void> {
  for (let at = 0; at < data.length; ) {
    try {
      at += await writeSome(fd, data, at)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw new NotAllTaken(at, error)
      await sleep(AGAIN_MS)
    }
  }
}

/** Off the event loop: a terminal that was stopped, or a pipe nobody reads, blocks. */
const writeSome = (fd: number, data: Buffer, at: number): Promise<number> =>
  new Promise((resolve, reject) =>
    write(fd, data, at, data.length - at, null, (error, written) => (error ? reject(error) : resolve(written))),
  )
