import { type Log, NotAllTaken, type OutputPiece } from '../../../core/index.ts'
import { Arena } from './arena.ts'
import { closeFile, identityAt, type OpenFile, openFile, stateOf } from './open-file.ts'
import { goesOn, lineEnd, type OpenLine, openLineAfter, type Part, partOf } from './part.ts'
import type { Prefix } from './prefix.ts'
import type { Rotation } from './rotation.ts'
import { PartlyWritten, writeAll } from './write-all.ts'

/** So much is written at a time. */
const FLUSH_BYTES = 1024 * 1024
/** A line that is longer comes in pieces, and may be torn. */
const LONGEST_LINE_BYTES = 64 * 1024
/** A file that cannot be rotated grows on for so long, in milliseconds, before that is tried again. */
const ROTATION_PAUSE_MS = 5_000
const LINE_END = 10

/** How a file is kept. */
export interface FileSettings {
  /** That of a new file. */
  readonly mode: number | undefined
  readonly rotation: Rotation | undefined
  /** Whether somebody else moves it away, which is looked for before each write. */
  readonly watched: boolean
  readonly log: Log
}

/** Who writes. */
export interface Source {
  /** What comes before each line. */
  readonly prefix: Prefix | undefined
  /** Whether nobody waits for it any more. */
  readonly abandoned: boolean
}

/** A line of which a part was written before something failed. */
interface TornLine {
  /** What of it is still to be written. */
  rest: Buffer
  /** What is unfinished in the file when the rest is written. */
  readonly line: OpenLine | undefined
}

/** Somebody's, before our time. */
const foreignLine: OpenLine = { pid: -1, kind: 'stdout', bytes: 0 }

/**
 * Appends pieces of output to a file, one line after another, and rotates it between lines. The file is opened when it is
 * needed, and anew when it has lost its name or something has failed. One call at a time.
 */
export class Appender {
  readonly #path: string
  readonly #settings: () => FileSettings
  readonly #onOpened: (identity: string, before: string | undefined) => void
  readonly #arena = new Arena()
  #file: OpenFile | undefined
  /** Which file it was when it was open last. */
  #identity: string | undefined
  /** How large it is, and the line that is not finished, once the parts that wait are written. */
  #size = 0
  #line: OpenLine | undefined
  /** The line that is not finished now. */
  #writtenLine: OpenLine | undefined
  #waiting: Part[] = []
  #waitingBytes = 0
  #taken = 0
  #torn: TornLine | undefined
  /** The last byte of a line that was torn: it counts as not taken, so that its source comes again. */
  readonly #owed = new WeakMap<Source, number>()
  #rotation: Rotation | undefined
  #rotationPausedUntil = 0
  #rotationFails = false

  /** @param onOpened called when another file has the name than before */
  constructor(
    path: string,
    settings: () => FileSettings,
    onOpened: (identity: string, before: string | undefined) => void,
  ) {
    this.#path = path
    this.#settings = settings
    this.#onOpened = onOpened
  }

  /** See to it that the file is open. */
  async open(): Promise<void> {
    if (this.#file) return
    const file = await openFile(this.#path, this.#settings().mode)
    this.#file = file
    this.#size = file.size
    const known = file.identity === this.#identity ? this.#writtenLine : undefined
    this.#line = file.endsLine ? undefined : (known ?? foreignLine)
    this.#writtenLine = this.#line
    const before = this.#identity
    this.#identity = file.identity
    this.#follow(before === undefined ? file.mtimeMs : Date.now())
    if (before !== file.identity) this.#onOpened(file.identity, before)
  }

  /** Close the file; the next write opens it. */
  close(): void {
    if (this.#file) closeFile(this.#file.fd)
    this.#file = undefined
  }

  /** Write the rest of a torn line, if there is one and it can be. Returns whether nothing is left. */
  async finish(): Promise<boolean> {
    try {
      if (!this.#torn) return true
      await this.open()
      await this.#finishTorn(() => true)
      return true
    } catch {
      return false
    }
  }

  /**
   * Write pieces. Rejects with `NotAllTaken`. A line of which a part was written counts as taken but for its last byte, and
   * is finished before anything else is written: whoever comes next, it is not torn, and not there twice.
   */
  async write(source: Source, given: readonly OutputPiece[]): Promise<void> {
    this.#taken = 0
    try {
      await this.#openCurrent()
      await this.#finishTorn(() => source.abandoned)
      this.#follow(Date.now())
      for (const piece of this.#withoutOwed(source, given)) {
        if (this.#line && !goesOn(this.#line, piece)) this.#add(lineEnd)
        for (const part of partsOf(piece, source.prefix, this.#line === undefined, this.#arena)) {
          if (part.data.length <= this.#room(piece.time)) this.#add(part)
          else await this.#divide(part, piece.time, source)
          if (this.#waitingBytes < FLUSH_BYTES) continue
          await this.#flush(source)
          // Not in between: what is left of a part that a rotation has divided is still there.
          this.#arena.clear()
        }
      }
      await this.#flush(source)
    } catch (error) {
      this.#waiting = []
      this.#waitingBytes = 0
      this.#line = this.#writtenLine
      this.close()
      throw new NotAllTaken(this.#taken, error instanceof PartlyWritten ? error.cause : error)
    } finally {
      this.#arena.release()
    }
  }

  async #openCurrent(): Promise<void> {
    await this.open()
    if (!this.#settings().watched || (await identityAt(this.#path)) === this.#identity) return
    this.close()
    await this.open()
  }

  #add(part: Part): void {
    this.#waiting.push(part)
    this.#waitingBytes += part.data.length
    this.#size += part.data.length
    this.#line = openLineAfter(part, this.#line)
  }

  /** Add what does not all go into the file: between the parts it is rotated. */
  async #divide(part: Part, time: number, source: Source): Promise<void> {
    for (let rest = part; ; ) {
      const fits = this.#fits(rest.data, this.#room(time))
      if (fits > 0) this.#add(fits === rest.data.length ? rest : partOf(rest, 0, fits))
      if (fits === rest.data.length) return
      rest = partOf(rest, fits)
      await this.#flush(source)
      await this.#rotate(time)
    }
  }

  /** How many bytes of `data` go into the file before it is rotated: whole lines, unless one is too long for that. */
  #fits(data: Buffer, room: number): number {
    if (data.length <= room) return data.length
    const first = data.indexOf(LINE_END) + 1
    const line = this.#size > 0 ? this.#line : undefined
    if (line && first === 0) return line.bytes >= LONGEST_LINE_BYTES ? 0 : data.length
    const whole = room > 0 ? data.lastIndexOf(LINE_END, room - 1) + 1 : 0
    if (line || this.#size === 0) return Math.max(whole, first || data.length)
    return whole
  }

  #room(time: number): number {
    if (!this.#rotation || !this.#file?.regular) return Number.POSITIVE_INFINITY
    const room = this.#rotation.room(this.#size, time)
    if (room < 1 && performance.now() < this.#rotationPausedUntil) return Number.POSITIVE_INFINITY
    return room
  }

  /** Another stream's way of rotating may be the one that counts from now on. */
  #follow(mtimeMs: number): void {
    const { rotation } = this.#settings()
    if (rotation === this.#rotation) return
    this.#rotation = rotation
    rotation?.begin(mtimeMs)
  }

  async #rotate(time: number): Promise<void> {
    if (this.#size === 0) {
      this.#rotation!.skip(time)
      return
    }
    try {
      await this.#rotation!.rotate(time)
      this.#rotationFails = false
    } catch (error) {
      this.#rotationPausedUntil = performance.now() + ROTATION_PAUSE_MS
      if (!this.#rotationFails) {
        const { message } = error as Error
        this.#settings().log.error(`${this.#path} cannot be rotated, and grows on until it can be: ${message}`)
      }
      this.#rotationFails = true
      return
    }
    this.close()
    await this.open()
    // Somebody else has put another in its place.
    if (this.#size > 0) this.#rotationPausedUntil = performance.now() + ROTATION_PAUSE_MS
  }

  async #flush(source: Source): Promise<void> {
    const parts = this.#waiting
    if (parts.length === 0) return
    const line = this.#line
    const buffers = parts.map(({ data }) => data)
    this.#waiting = []
    this.#waitingBytes = 0
    try {
      await writeAll(this.#file!.fd, buffers, () => source.abandoned)
      if (await this.#wasDeleted()) {
        // Nobody sees what was just written.
        this.close()
        await this.open()
        await writeAll(this.#file!.fd, buffers, () => source.abandoned)
        await this.#wasDeleted()
      }
    } catch (error) {
      if (error instanceof PartlyWritten) this.#tear(parts, error.bytes, source)
      throw error
    }
    for (const { raw } of parts) this.#taken += raw
    this.#line = line
    this.#writtenLine = line
  }

  async #wasDeleted(): Promise<boolean> {
    if (!this.#file?.regular) return false
    const { size, deleted } = await stateOf(this.#file.fd)
    this.#size = size
    return deleted
  }

  /** Only so many bytes of the parts were written. */
  #tear(parts: readonly Part[], bytes: number, source: Source): void {
    let left = bytes
    for (const part of parts) {
      const { data } = part
      if (left === 0) return
      if (left >= data.length) {
        left -= data.length
        this.#taken += part.raw
        this.#writtenLine = openLineAfter(part, this.#writtenLine)
        continue
      }
      const end = data[left - 1] === LINE_END ? left : data.indexOf(LINE_END, left) + 1 || data.length
      const begun = partOf(part, 0, end)
      this.#writtenLine = openLineAfter(begun, this.#writtenLine)
      this.#taken += begun.raw
      if (end === left) return
      this.#taken--
      this.#torn = { rest: Buffer.from(data.subarray(left, end)), line: this.#writtenLine }
      this.#owed.set(source, data[end - 1]!)
      return
    }
  }

  async #finishTorn(abandoned: () => boolean): Promise<void> {
    const torn = this.#torn
    if (!torn) return
    try {
      await writeAll(this.#file!.fd, [torn.rest], abandoned)
    } catch (error) {
      if (error instanceof PartlyWritten) torn.rest = torn.rest.subarray(error.bytes)
      throw error
    }
    this.#torn = undefined
    this.#size += torn.rest.length
    this.#line = torn.line
    this.#writtenLine = torn.line
  }

  /** The pieces without the byte that was written already, with the rest of its line. */
  #withoutOwed(source: Source, pieces: readonly OutputPiece[]): readonly OutputPiece[] {
    const owed = this.#owed.get(source)
    const at = pieces.findIndex(({ notice }) => !notice)
    const piece = pieces[at]
    if (owed === undefined || !piece) return pieces
    this.#owed.delete(source)
    const { data, startsLine } = piece
    // The rest of the line may have been dropped.
    if (startsLine || data[0] !== owed) return pieces
    this.#taken++
    const rest = { ...piece, data: data.subarray(1), startsLine: data[0] === LINE_END }
    return pieces.toSpliced(at, 1, ...(data.length > 1 ? [rest] : []))
  }
}

function partsOf(piece: OutputPiece, prefix: Prefix | undefined, begun: boolean, arena: Arena): Iterable<Part> {
  if (prefix) return prefix.parts(piece, begun, arena)
  return [{ data: piece.data, raw: piece.data.length, piece, prefixBytes: 0, begun }]
}
