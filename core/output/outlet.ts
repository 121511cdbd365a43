import { reasonOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { Backlog, type Loss, noLoss, type OutgoingPiece, sumOf } from './backlog.ts'
import type { OutputPiece, OutputStream } from './stream.ts'

/** While more than this waits to be written, the processes wait as well. */
const FULL_BYTES = 2 * 1024 * 1024
/** They go on when less than this waits. */
const ROOM_BYTES = 1024 * 1024
/** What is kept while nothing can be written. */
const KEPT_BYTES = 1024 * 1024
/** How long those who have waited may keep the event loop at a time, in milliseconds. */
const SLICE_MS = 2
/** A stream that keeps the event loop longer is named in the log; not more than once a minute. */
const BLOCKING_MS = 100
const BLOCKING_PAUSE_MS = 60_000

/** How long an outlet waits for what, in milliseconds. */
export interface Patience {
  /** A write that takes longer is no reason to let processes wait any more. */
  readonly stallMs: number
  /** Pauses between attempts to write: the first, doubled each time up to the longest. */
  readonly firstPauseMs: number
  readonly longestPauseMs: number
  /** How long closing waits for what is still to be written, and, when that was, for the stream to close. */
  readonly closingMs: number
}

const usual: Patience = { stallMs: 5_000, firstPauseMs: 250, longestPauseMs: 5_000, closingMs: 5_000 }

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
  readonly patience?: Patience
}

/** That nothing can be written, told once, until it can. */
interface Failure {
  readonly why: string
  /** Whether it is the failure of the outlet before, and was told there. */
  readonly inherited: boolean
  /** What was lost since it began, as far as the stream was told. */
  readonly told: Loss
}

/**
 * The way to one stream. Pieces wait here while the stream is at work; when too many do, those who write wait (`full`). When
 * the stream fails, nobody waits: what it cannot take is kept, within bounds, and tried again until it can.
 */
export class Outlet {
  readonly #options: OutletOptions
  readonly #backlog = new Backlog()
  readonly #opened = Promise.withResolvers<OutputStream>()
  #stream: OutputStream | undefined
  /** Settles when there is nothing more to do for now. */
  #working: Promise<void> | undefined
  #failure: Failure | undefined
  #retry: NodeJS.Timeout | undefined
  readonly #patience: Patience
  #pauseMs: number
  /** Whether to open anew, and who waits for that. */
  #reopen = false
  #reopened: PromiseWithResolvers<void> | undefined
  /** `closed`: it does nothing any more, and what is pushed is gone. */
  #state: 'open' | 'closing' | 'closed' = 'open'
  #closed: Promise<void> | undefined
  readonly #waiting = new Set<() => void>()
  #blockedAt = Number.NEGATIVE_INFINITY

  constructor(options: OutletOptions) {
    this.#options = options
    this.#patience = options.patience ?? usual
    this.#pauseMs = this.#patience.firstPauseMs
    this.#opened.promise.catch(() => {})
  }

  /** What it is in messages. */
  get name(): string {
    return this.#options.name
  }

  /** Whether those who write should wait until `whenRoom` calls them. */
  get full(): boolean {
    return this.#backlog.cost > FULL_BYTES && this.#failure === undefined && this.#state === 'open'
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
    if (this.#state === 'closed') piece.release()
    else {
      this.#backlog.push(piece)
      if (this.#failure) this.#backlog.dropOldest(KEPT_BYTES)
      this.#run()
    }
  }

  /**
   * Have the stream open its files anew, after what it is writing. Resolves when it has. Rejects when it cannot now: it is
   * tried again then, like a write.
   */
  async reopen(): Promise<void> {
    // What was never opened needs no second time.
    if (!this.#isInUse) return
    this.#reopen = true
    this.#reopened ??= Promise.withResolvers()
    const { promise } = this.#reopened
    this.#tryNow()
    await promise
  }

  /** Write what is left, for five seconds at most, and let go of the stream. What cannot be written goes to the `heir`. */
  close(heir?: Outlet): Promise<void> {
    this.#closed ??= this.#close(heir)
    return this.#closed
  }

  async #close(heir: Outlet | undefined): Promise<void> {
    this.#state = 'closing'
    // Those who waited for this one have another now, or none.
    this.#wake()
    if (this.#isInUse) this.#tryNow()
    await within(this.#patience.closingMs, this.#working)
    this.#state = 'closed'
    clearTimeout(this.#retry)
    this.#reopened?.resolve()
    this.#opened.reject(new Error(`${this.name} is closed`))
    this.#reopen = false
    if (heir) this.#bequeath(heir)
    this.#dropRest()
    // One that is still at work keeps nobody any longer.
    await within(this.#working ? 0 : this.#patience.closingMs, this.#letGo())
  }

  get #isInUse(): boolean {
    return Boolean(this.#stream ?? this.#working ?? this.#retry)
  }

  #run(): void {
    if (this.#retry || this.#state === 'closed') return
    this.#working ??= this.#work()
  }

  #tryNow(): void {
    clearTimeout(this.#retry)
    this.#retry = undefined
    this.#run()
  }

  async #work(): Promise<void> {
    // First whoever called goes on: what is pushed in one go is written in one go.
    await undefined
    try {
      this.#stream ??= await this.#make()
      while (this.#reopen || !this.#backlog.isEmpty) {
        if (this.#reopen) await this.#openAnew(this.#stream)
        await this.#write(this.#stream)
        if (this.#failure && !this.#backlog.hasGap) this.#recovered()
        this.#makeRoom()
      }
      this.#recovered()
    } catch (error) {
      this.#failed(error)
    }
    this.#working = undefined
  }

  async #make(): Promise<OutputStream> {
    const stream = await this.#timed(() => this.#options.open())
    if (typeof stream?.write !== 'function') throw new TypeError('its class made no stream: it has no write(pieces)')
    // Nobody has waited for it so long.
    if (this.#state === 'closed') void this.#letGo(stream)
    this.#opened.resolve(stream)
    return stream
  }

  async #openAnew(stream: OutputStream): Promise<void> {
    this.#reopen = false
    try {
      await this.#timed(() => stream.reopen?.())
    } catch (error) {
      this.#reopen = true
      throw error
    }
    // Asked again in the meantime: it is not done yet.
    if (!this.#reopen) this.#reopened = void this.#reopened?.resolve()
  }

  async #write(stream: OutputStream): Promise<void> {
    const batch = this.#backlog.take((lost) => this.#noticeOf(lost))
    if (batch.pieces.length === 0) return
    try {
      await this.#timed(() => stream.write(batch.pieces))
    } catch (error) {
      this.#told(this.#backlog.notWritten(batch, error))
      throw error
    }
    this.#told(this.#backlog.written(batch))
  }

  #noticeOf(lost: Loss): OutgoingPiece {
    return { ...this.#options.notice(wordsFor(lost, this.#failure?.why)), release() {} }
  }

  #told(lost: Loss): void {
    if (this.#failure) this.#failure = { ...this.#failure, told: sumOf(this.#failure.told, lost) }
  }

  /** Wait for the stream; when that takes too long, nobody else does. */
  async #timed<T>(start: () => T | Promise<T>): Promise<T> {
    const work = this.#watched(start)
    if (!isPromise(work)) return work
    const { stallMs } = this.#patience
    const late = () => this.#fail(`nothing was written for ${stallMs / 1000} seconds`)
    const patience = setTimeout(late, stallMs).unref()
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
        this.#options.log.warning(`${this.name}: its stream kept the event loop busy for ${ms} ms`)
      }
    }
  }

  #failed(error: unknown): void {
    this.#fail(reasonOf(error))
    // Nobody has waited any longer, and it was not written after all.
    if (this.#state === 'closed') this.#dropRest(reasonOf(error))
    if (this.#state !== 'open') return
    this.#retry = setTimeout(() => this.#tryNow(), this.#pauseMs).unref()
    this.#pauseMs = Math.min(this.#pauseMs * 2, this.#patience.longestPauseMs)
  }

  #fail(why: string): void {
    if (this.#state === 'closed') return
    const isNew = this.#failure?.inherited ?? true
    this.#failure = { why, inherited: false, told: this.#failure?.told ?? noLoss }
    this.#reopened = void this.#reopened?.reject(new Error(why))
    this.#backlog.dropOldest(KEPT_BYTES)
    this.#wake()
    if (!isNew) return
    this.#options.log.error(`${this.name}: ${why}; it is tried again, and the last MiB of output is kept`)
    this.#options.onFailure(why)
  }

  #recovered(): void {
    if (!this.#failure || this.#state === 'closed') return
    const { told } = this.#failure
    this.#failure = undefined
    this.#pauseMs = this.#patience.firstPauseMs
    const loss = told.bytes > 0 ? `${told.lines} lines (${told.bytes} bytes) were lost` : 'nothing was lost'
    this.#options.log.info(`${this.name}: it works again; ${loss}`)
    this.#options.onRecovery(told)
  }

  /** Hand over what could not be written, and that it could not. */
  #bequeath(heir: Outlet): void {
    heir.#backlog.inherit(this.#backlog)
    if (this.#failure) heir.#failure ??= { ...this.#failure, inherited: true }
    if (heir.#failure) heir.#backlog.dropOldest(KEPT_BYTES)
    if (heir.#failure || !heir.#backlog.isEmpty) heir.#run()
  }

  #makeRoom(): void {
    if (this.#failure !== undefined || this.#backlog.cost <= ROOM_BYTES) this.#wake()
  }

  /** Let those who wait go on, one after another, as far as there is room for what they bring. */
  #wake(): void {
    const ends = performance.now() + SLICE_MS
    while (!this.full) {
      const [resume] = this.#waiting
      if (!resume) return
      if (performance.now() > ends) {
        setImmediate(() => this.#wake())
        return
      }
      this.#waiting.delete(resume)
      resume()
    }
  }

  #dropRest(why = this.#failure?.why): void {
    const lost = this.#backlog.clear()
    if (lost.bytes > 0) this.#options.log.error(`${this.name}: ${wordsFor(lost, why)}`)
  }

  async #letGo(stream = this.#stream): Promise<void> {
    try {
      await this.#watched(() => stream?.close?.())
    } catch (error) {
      this.#options.log.error(`${this.name}: ${reasonOf(error)}`)
    }
  }
}

const wordsFor = ({ bytes, lines }: Loss, why = 'it was closed'): string =>
  `${lines} lines (${bytes} bytes) of output were lost here: ${why}`

/** Also one that is not Node's own. */
const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as PromiseLike<unknown> | undefined)?.then === 'function'

/** Wait for something, but not longer than that. */
async function within(ms: number, work: Promise<void> | undefined): Promise<void> {
  const patience = Promise.withResolvers<void>()
  const timer = setTimeout(patience.resolve, ms)
  await Promise.race([work, patience.promise])
  clearTimeout(timer)
}
