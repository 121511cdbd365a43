import { setTimeout as sleep } from 'node:timers/promises'
import { ownDescriptor, type WriteSome } from './own-descriptor.ts'
import { NotAllTaken, type OutputPiece, type OutputStream } from './stream.ts'

/** How long to wait, in milliseconds, for whoever reads the daemon's own output: at first, and at the most. */
const FIRST_PAUSE_MS = 1
const LONGEST_PAUSE_MS = 50
const LINE_END = 10

/** The daemon's own stdout, or its stderr. */
interface Own {
  writeSome?: WriteSome
  /** The end of the last write: watchers write one after another, so that their lines stay whole. */
  turn: Promise<unknown>
  /** Whether a write failed in the middle of a line. */
  torn: boolean
  readonly streams: Set<OwnStream>
}

const both: Readonly<Record<1 | 2, Own>> = {
  1: { turn: Promise.resolve(), torn: false, streams: new Set() },
  2: { turn: Promise.resolve(), torn: false, streams: new Set() },
}

/**
 * The daemon's own stdout (1) or stderr (2), as it is. Where several streams write to one, lines of different watchers never
 * tear each other; and whoever stops reading it holds up nobody but those who write there.
 */
export function ownStream(fd: 1 | 2): OutputStream {
  return new OwnStream(fd)
}

class OwnStream implements OutputStream {
  readonly #fd: 1 | 2
  readonly #own: Own
  #closed = false

  constructor(fd: 1 | 2) {
    this.#fd = fd
    this.#own = both[fd]
    this.#own.streams.add(this)
  }

  /** What a line that is not finished would tear is the line of another watcher. */
  get wholeLines(): boolean {
    return this.#own.streams.size > 1
  }

  write(pieces: readonly OutputPiece[]): Promise<void> {
    const data = pieces.length === 1 ? pieces[0]!.data : Buffer.concat(pieces.map((piece) => piece.data))
    const turn = this.#own.turn.then(() => this.#writeAll(data, pieces[0]!.startsLine))
    this.#own.turn = turn.catch(() => {})
    return turn
  }

  /** Who still waits to be read waits no longer. */
  close(): void {
    this.#closed = true
    this.#own.streams.delete(this)
  }

  async #writeAll(data: Buffer, startsLine: boolean): Promise<void> {
    const own = this.#own
    let at = 0
    try {
      own.writeSome ??= ownDescriptor(this.#fd)
      if (own.torn && startsLine) await this.#writeSome(own.writeSome, Buffer.of(LINE_END), 0)
      if (startsLine) own.torn = false
      while (at < data.length) at += await this.#writeSome(own.writeSome, data, at)
      own.torn = false
    } catch (error) {
      if (at > 0) own.torn = data[at - 1] !== LINE_END
      throw new NotAllTaken(at, error)
    }
  }

  /** At least one byte. */
  async #writeSome(writeSome: WriteSome, data: Buffer, at: number): Promise<number> {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      const written = await writeSome(data, at)
      if (written > 0) return written
      if (this.#closed) throw new Error('nobody reads it')
      await sleep(pauseMs)
    }
  }
}
