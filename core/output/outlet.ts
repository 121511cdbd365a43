import { reasonOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { NotAllTaken, type OutputPiece, type OutputStream } from './stream.ts'

/** While more than this waits to be written, the processes wait as well. */
const FULL_BYTES = 1024 * 1024
/** They go on when less than this waits. */
const ROOM_BYTES = 256 * 1024
/** What is kept while nothing can be written. */
const KEPT_BYTES = 1024 * 1024
/** The most that is handed to a stream at a time. */
const BATCH_PIECES = 256
/** A write that takes longer is no reason to let processes wait any more. */
const STALL_MS = 5_000
/** Pauses between attempts to write: the first, doubled each time up to the longest. */
const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 5_000
/** How long closing waits for what is still to be written. */
const CLOSING_MS = 5_000
/** A stream that keeps the event loop longer is named in the log; not more than once a minute. */
const BLOCKING_MS = 100
const BLOCKING_PAUSE_MS = 60_000

/** A piece on its way out. */
export interface OutgoingPiece extends OutputPiece {
  /** To be called when it was written or dropped. */
  release(): void
}

/** Output that was dropped. */
export interface Loss {
  readonly bytes: number
  readonly lines: number
}

/** What an outlet needs to know, and whom it tells. */
export interface OutletOptions {
  /** What it is in messages: `stdout_stream of web`. */
  readonly name: string
  readonly log: Log
  /** Makes the stream; tried again later when it fails. */
  open(): OutputStream | Promise<OutputStream>
  /** Words of the daemon itself as a piece of output. */
  notice(text: string): OutputPiece
  onFailure(error: string): void
  /** It works again, and the loss, if any, was told in the stream. */
  onRecovery(lost: Loss): void
}

/**
 * The way to one stream. Pieces wait here while the stream is at work; when too many do, those who write wait (`full`). When
 * the stream fails, nobody waits: what it cannot take is kept, within bounds, and tried again until it can.
 */
export class Outlet {
  readonly #options: OutletOptions
  #stream: OutputStream | undefined
  #queue: OutgoingPiece[] = []
  #bytes = 0
  #running = false
  /** Since when nothing can be written, and why; told once. */
  #failure: string | undefined
  /** Whether it is the failure of the outlet before. */
  #inherited = false
  #pauseMs = FIRST_PAUSE_MS
  /** What was dropped and not told of yet, and what was told of since the failure began. */
  #lost: Loss = none
  #told: Loss = none
  #retry: NodeJS.Timeout | undefined
  #closing = false
  /** Whether to open anew, and who waits for that. */
  #reopen = false
  #reopened: PromiseWithResolvers<void> | undefined
  readonly #waiting = new Set<() => void>()
  #blockedAt = Number.NEGATIVE_INFINITY
  readonly #opened = Promise.withResolvers<OutputStream>()
  #idle = Promise.withResolvers<void>()

  constructor(options: OutletOptions) {
    this.#options = options
    this.#idle.resolve()
    this.#opened.promise.catch(() => {})
  }

  /** What it is in messages. */
  get name(): string {
    return this.#options.name
  }

  /** Whether those who write should wait until `whenRoom` calls them. */
  get full(): boolean {
    return this.#bytes > FULL_BYTES && this.#failure === undefined
  }

  /** Whether lines that are not finished are of no use. */
  get wholeLines(): boolean {
    return this.#stream?.wholeLines ?? true
  }

  /** Call `resume` once there is room again. */
  whenRoom(resume: () => void): void {
    this.#waiting.add(resume)
  }

  /** Make the stream, if it is not there yet. Resolves to it; rejects when it is closed before. */
  open(): Promise<OutputStream> {
    if (!this.#stream) this.#run()
    return this.#opened.promise
  }

  /** Take a piece. */
  push(piece: OutgoingPiece): void {
    this.#queue.push(piece)
    this.#bytes += piece.data.length
    if (this.#failure !== undefined) this.#dropOldest()
    this.#run()
  }

  /**
   * Have the stream open its files anew, after what it is writing. Resolves when it has. Rejects when it cannot now: it is
   * tried again then, like a write.
   */
  async reopen(): Promise<void> {
    // What was never opened needs no second time.
    if (!this.#stream && !this.#running && !this.#retry) return
    this.#reopen = true
    this.#reopened ??= Promise.withResolvers()
    const { promise } = this.#reopened
    this.#tryNow()
    await promise
  }

  /** Write what is left, for five seconds at most, and let go of the stream. What cannot be written goes to the `heir`. */
  async close(heir?: Outlet): Promise<void> {
    this.#closing = true
    this.#tryNow()
    const patience = Promise.withResolvers<void>()
    const timer = setTimeout(patience.resolve, CLOSING_MS)
    await Promise.race([this.#idle.promise, patience.promise])
    clearTimeout(timer)
    clearTimeout(this.#retry)
    this.#reopened?.resolve()
    if (heir) this.#bequeath(heir)
    this.#dropAll()
    this.#makeRoom()
    try {
      this.#opened.reject(new Error(`${this.#options.name} is closed`))
      await Promise.race([this.#watched(() => this.#stream?.close?.()), patience.promise])
    } catch (error) {
      this.#options.log.error(`${this.#options.name}: ${reasonOf(error)}`)
    }
  }

  #run(): void {
    if (this.#running || this.#retry) return
    this.#running = true
    this.#idle = Promise.withResolvers<void>()
    void this.#work()
  }

  #tryNow(): void {
    clearTimeout(this.#retry)
    this.#retry = undefined
    this.#run()
  }

  async #work(): Promise<void> {
    try {
      this.#stream ??= await this.#timed(() => this.#options.open())
      this.#opened.resolve(this.#stream)
      while (this.#queue.length > 0 || this.#reopen || this.#lost.bytes > 0) {
        if (this.#reopen) {
          this.#reopen = false
          await this.#timed(() => this.#stream?.reopen?.())
          if (!this.#reopen) this.#reopened = void this.#reopened?.resolve()
        }
        if (this.#lost.bytes > 0) await this.#tellLoss(this.#stream)
        const batch = this.#queue.splice(0, BATCH_PIECES)
        if (batch.length > 0) await this.#write(this.#stream, batch)
        if (this.#failure !== undefined && this.#lost.bytes === 0) this.#recovered()
        this.#makeRoom()
      }
      if (this.#failure !== undefined) this.#recovered()
    } catch (error) {
      this.#failed(error)
    }
    this.#running = false
    if (this.#queue.length === 0 || this.#closing) this.#idle.resolve()
  }

  async #tellLoss(stream: OutputStream): Promise<void> {
    const lost = this.#lost
    await this.#timed(() => stream.write([this.#options.notice(wordsFor(lost, this.#failure))]))
    this.#told = sum(this.#told, lost)
    this.#lost = { bytes: this.#lost.bytes - lost.bytes, lines: this.#lost.lines - lost.lines }
  }

  async #write(stream: OutputStream, batch: OutgoingPiece[]): Promise<void> {
    try {
      await this.#timed(() => stream.write(batch))
    } catch (error) {
      this.#queue.unshift(...without(batch, error instanceof NotAllTaken ? error.takenBytes : 0, this.#taken))
      throw error
    }
    for (const piece of batch) this.#taken(piece)
  }

  readonly #taken = (piece: OutgoingPiece, bytes = piece.data.length): void => {
    this.#bytes -= bytes
    if (bytes === piece.data.length) piece.release()
  }

  /** Wait for the stream; when that takes too long, nobody else does. */
  async #timed<T>(start: () => T | Promise<T>): Promise<T> {
    const work = this.#watched(start)
    if (!(work instanceof Promise)) return work
    const patience = setTimeout(
      () => this.#fail(`nothing was written for ${STALL_MS / 1000} seconds`),
      STALL_MS,
    ).unref()
    try {
      return await work
    } finally {
      clearTimeout(patience)
    }
  }

  /** Call the stream, which may keep the event loop, and with it the whole daemon. */
  #watched<T>(call: () => T): T {
    const began = performance.now()
    try {
      return call()
    } finally {
      const now = performance.now()
      if (now - began > BLOCKING_MS && now - this.#blockedAt > BLOCKING_PAUSE_MS) {
        this.#blockedAt = now
        const ms = Math.round(now - began)
        this.#options.log.warning(`${this.#options.name}: its stream kept the event loop busy for ${ms} ms`)
      }
    }
  }

  #failed(error: unknown): void {
    this.#fail(reasonOf(error))
    if (this.#closing) return
    this.#retry = setTimeout(() => this.#tryNow(), this.#pauseMs).unref()
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS)
  }

  #fail(why: string): void {
    const isNew = this.#failure === undefined || this.#inherited
    this.#failure = why
    this.#inherited = false
    this.#reopened = void this.#reopened?.reject(new Error(why))
    this.#dropOldest()
    this.#makeRoom()
    if (!isNew) return
    this.#options.log.error(`${this.#options.name}: ${why}; it is tried again, and the last MiB of output is kept`)
    this.#options.onFailure(why)
  }

  #recovered(): void {
    const lost = this.#told
    this.#told = none
    this.#failure = undefined
    this.#inherited = false
    this.#pauseMs = FIRST_PAUSE_MS
    const loss = lost.bytes > 0 ? `${lost.lines} lines (${lost.bytes} bytes) were lost` : 'nothing was lost'
    this.#options.log.info(`${this.#options.name}: it works again; ${loss}`)
    this.#options.onRecovery(lost)
  }

  /** Hand over what could not be written, and that it could not. */
  #bequeath(heir: Outlet): void {
    heir.#queue = [...this.#queue, ...heir.#queue]
    heir.#bytes += this.#bytes
    heir.#lost = sum(this.#lost, heir.#lost)
    heir.#told = sum(this.#told, heir.#told)
    if (this.#failure !== undefined && heir.#failure === undefined) {
      heir.#failure = this.#failure
      heir.#inherited = true
    }
    this.#queue = []
    this.#bytes = 0
    this.#lost = none
    if (heir.#queue.length > 0 || heir.#failure !== undefined) heir.#run()
  }

  #makeRoom(): void {
    if (this.#failure === undefined && this.#bytes > ROOM_BYTES) return
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const resume of waiting) resume()
  }

  #dropOldest(): void {
    while (this.#bytes > KEPT_BYTES && this.#queue.length > 1) this.#drop(this.#queue.shift()!)
  }

  #dropAll(): void {
    const { bytes } = this.#lost
    for (const piece of this.#queue) this.#drop(piece)
    this.#queue = []
    if (this.#lost.bytes === bytes) return
    this.#options.log.error(`${this.#options.name}: ${wordsFor(this.#lost, this.#failure)}`)
  }

  #drop(piece: OutgoingPiece): void {
    let lines = 0
    for (let at = piece.data.indexOf(10); at >= 0; at = piece.data.indexOf(10, at + 1)) lines++
    this.#lost = sum(this.#lost, { bytes: piece.data.length, lines })
    this.#taken(piece)
  }
}

const none: Loss = { bytes: 0, lines: 0 }

const sum = (a: Loss, b: Loss): Loss => ({ bytes: a.bytes + b.bytes, lines: a.lines + b.lines })

const wordsFor = ({ bytes, lines }: Loss, why = 'it was closed'): string =>
  `${lines} lines (${bytes} bytes) of output were lost here: ${why}`

/** What is left of pieces of which the first bytes were taken. */
function without(
  pieces: readonly OutgoingPiece[],
  takenBytes: number,
  taken: (piece: OutgoingPiece, bytes?: number) => void,
): OutgoingPiece[] {
  const left: OutgoingPiece[] = []
  let bytes = takenBytes
  for (const piece of pieces) {
    const { length } = piece.data
    if (bytes >= length) taken(piece)
    else if (bytes > 0) {
      taken(piece, bytes)
      left.push({ ...piece, data: piece.data.subarray(bytes), startsLine: false })
    } else left.push(piece)
    bytes = Math.max(bytes - length, 0)
  }
  return left
}
