import { performance } from 'node:perf_hooks'
import { ReplyError } from '../../core/client.ts'
import type { Daemon } from '../circusctl/daemon.ts'
import { Board, type Snapshot } from './board.ts'
import { StatsChannel } from './channel.ts'
import { Inquiry } from './inquiry.ts'
import type { Told } from './message.ts'

/** Where the figures come from now. */
export type Source =
  | { readonly id: 'waiting' }
  | { readonly id: 'channel'; readonly everySeconds: number }
  /** The daemon is asked, because of `why`. */
  | { readonly id: 'polling'; readonly everySeconds: number; readonly why: string }

/** Whether the daemon answers. */
export type Link =
  | { readonly id: 'up' }
  /** `since`: milliseconds of `performance.now()`. */
  | { readonly id: 'lost'; readonly since: number; readonly error: Error }

export interface FeedOptions {
  readonly daemon: Daemon
  /** Of the statistics. @default what the daemon tells */
  readonly statsEndpoint?: string | undefined
  readonly processTimeoutMs: number
  /** Ask the daemon at once, without waiting for its channel first. @default false */
  readonly eager?: boolean
  /** There is no control channel: `daemon` has the endpoint of the statistics. @default false */
  readonly statsOnly?: boolean
}

/** What is told of the figures themselves. */
const advice = 'no statistics are published: set statsd = True in [circus] of the ini'

/** Without a message for so long, the daemon is asked. */
const patienceMs = 3_000
/** The same at the start: most channels speak every second. */
const firstPatienceMs = 1_500
/** How often the daemon is asked what the channel does not tell. */
const controlMs = 2_000
/** So much of the daemon's time is left to others, for each part that asking takes. */
const leaveParts = 9

/**
 * Keeps a `Board` up to date: from the statistics channel where there is one, else by asking, never more than a tenth of the
 * time. Outlives the daemon: what is known stays, and it is found again when it returns.
 */
export class Feed implements AsyncDisposable {
  readonly board: Board
  readonly daemon: Daemon
  /** Resolves when every process was told of once by the channel, or looked at twice. */
  readonly firstRound: Promise<void>
  readonly #options: FeedOptions
  readonly #listeners = new Set<() => void>()
  readonly #begun = performance.now()
  /** Whom the channel told of so far. */
  readonly #round = new Set<string>()
  #isRoundDone = false
  readonly #roundDone = Promise.withResolvers<void>()
  #link: Link = { id: 'up' }
  #daemonPid: number | undefined
  readonly #channel: StatsChannel
  readonly #inquiry: Inquiry
  /** The channel is another daemon's: it told of this one's pid. */
  #stranger: number | undefined
  #heardAt: number | undefined
  #polls = 0
  /** When the daemon last told instead of its channel. */
  #polledAt = 0
  #polling = false
  #pollEveryMs = 1_000
  #nextPollAt = 0
  #asking = false
  #nextControlAt = 0
  /** Whether the children of processes are wanted too. */
  wantsChildren = false
  #askingChildren = false
  #nextChildrenAt = 0
  #ticker: NodeJS.Timeout | undefined
  #closed = false

  /** Begin. Rejects when the daemon cannot be reached, or answers with an error. */
  static async open(options: FeedOptions): Promise<Feed> {
    const feed = new Feed(options)
    try {
      if (options.statsOnly) feed.#channel.endpoint = options.daemon.endpoint
      else await feed.#askControl()
    } catch (error) {
      await feed.close()
      throw error
    }
    feed.#ticker = setInterval(() => feed.#tick(), 1_000)
    feed.#beat()
    return feed
  }

  private constructor(options: FeedOptions) {
    this.#options = options
    this.daemon = options.daemon
    this.board = new Board(options.processTimeoutMs)
    this.#inquiry = new Inquiry(options.daemon, this.board)
    this.#channel = new StatsChannel(options.daemon, (told) => this.#take(told))
    this.firstRound = this.#roundDone.promise
  }

  get link(): Link {
    return this.#link
  }

  get source(): Source {
    if (this.#hears) return { id: 'channel', everySeconds: this.board.intervalMs / 1_000 }
    if (this.#tellsItself) return { id: 'polling', everySeconds: this.#pollEveryMs / 1_000, why: this.#why }
    return { id: 'waiting' }
  }

  /** Call `listener` whenever something may have changed. Returns what ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Why nothing can be asked of the daemon now; `undefined` when it can. */
  get refusal(): string | undefined {
    if (this.#options.statsOnly)
      return `${this.daemon.endpoint} has statistics only: --endpoint takes the control endpoint`
    return this.#link.id === 'lost' ? 'the daemon does not answer' : undefined
  }

  /** Look soon at what may just have changed. */
  hurry(): void {
    this.#nextControlAt = 0
    if (!this.#hears) this.#nextPollAt = 0
    this.#beat()
  }

  snapshot(): Snapshot {
    return this.board.snapshot()
  }

  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#ticker)
    await this.#channel.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  get #why(): string {
    if (this.#stranger !== undefined) {
      return `${this.#channel.endpoint} has the statistics of another daemon (pid ${this.#stranger}): give this one a stats_endpoint of its own`
    }
    if (this.#options.statsEndpoint !== undefined) return `nothing is published at ${this.#options.statsEndpoint}`
    return this.#heardAt === undefined ? advice : 'nothing comes from the statistics channel any more'
  }

  /** Whether the daemon has told what its channel does not. */
  get #tellsItself(): boolean {
    // A channel that spoke may be silent because the daemon is; at the start it may yet speak.
    if (this.#heardAt !== undefined) return this.#polledAt > this.#heardAt
    return this.#polls > 0 && (this.#options.eager === true || performance.now() - this.#begun > patienceMs)
  }

  /** Whether the channel is alive. */
  get #hears(): boolean {
    const patience = Math.max(patienceMs, this.board.intervalMs * 2.5)
    return this.#heardAt !== undefined && performance.now() - this.#heardAt < patience
  }

  #tick(): void {
    const now = performance.now()
    if (this.#options.statsOnly) this.#watchSilence()
    const isLost = this.#link.id === 'lost'
    if (!isLost && this.#hears) this.board.expire(now)
    this.board.sample(isLost)
    this.#beat()
    this.#changed()
  }

  /** Where there is nobody to ask, silence is all that shows. */
  #watchSilence(): void {
    if (this.#hears || this.#heardAt === undefined) this.#answered()
    else if (this.#link.id === 'up') this.#failed(new Error(`nothing comes from ${this.daemon.endpoint}`))
  }

  /** Do whatever is due. */
  #beat(): void {
    const now = performance.now()
    const { statsOnly } = this.#options
    if (this.#closed) return
    if (!statsOnly && now >= this.#nextControlAt && !this.#asking) void this.#control()
    if (!this.#hears) this.#channel.tend()
    const waits = !this.#options.eager && !this.#inquiry.isCheap && now - this.#begun < firstPatienceMs
    if (statsOnly || this.#link.id === 'lost') return
    if (this.#hears) {
      if (this.wantsChildren && now >= this.#nextChildrenAt && !this.#askingChildren) void this.#askChildren()
    } else if (!waits && now >= this.#nextPollAt && !this.#polling) void this.#poll()
  }

  async #control(): Promise<void> {
    this.#asking = true
    try {
      await this.#askControl()
      this.#answered()
    } catch (error) {
      this.#failed(error)
    } finally {
      this.#asking = false
      this.#nextControlAt = performance.now() + controlMs - 100 // ticks are not exact
    }
  }

  async #askControl(): Promise<void> {
    // It may have moved.
    if (!this.#hears) this.#channel.endpoint = this.#options.statsEndpoint ?? (await this.#inquiry.statsEndpoint())
    const pid = await this.#inquiry.overview(this.#hears)
    if (pid === undefined || pid === this.#daemonPid) return
    if (this.#daemonPid !== undefined) this.board.clear()
    this.#stranger = undefined
    this.#daemonPid = pid
  }

  async #poll(): Promise<void> {
    this.#polling = true
    const begun = performance.now()
    try {
      const put = await this.#inquiry.watchers()
      const tookMs = performance.now() - begun
      this.#pollEveryMs = Math.max(1_000, tookMs * (1 + leaveParts))
      this.#nextPollAt = begun + this.#pollEveryMs - 100
      this.#answered()
      if (this.#hears) return
      put()
      this.#polls++
      this.#polledAt = performance.now()
      if (this.#polls > 1) this.#roundDone.resolve()
    } catch (error) {
      this.#failed(error)
    } finally {
      this.#polling = false
      this.#changed()
    }
  }

  async #askChildren(): Promise<void> {
    this.#askingChildren = true
    const begun = performance.now()
    try {
      await this.#inquiry.children()
    } catch (error) {
      this.#failed(error)
    } finally {
      this.#askingChildren = false
      this.#nextChildrenAt = begun + Math.max(1_900, (performance.now() - begun) * (1 + leaveParts))
    }
  }

  #take(told: Told): void {
    if (told.id === 'helper' && told.figures.role === 'circusd') this.#meet(told.figures.pid)
    if (this.#stranger !== undefined) return
    const now = performance.now()
    // That is a nicety: whether the daemon is there, others find out.
    if (this.#heardAt === undefined && !this.#options.statsOnly) this.#inquiry.lastMinute().catch(() => {})
    this.#heardAt = now
    this.board.take(told, now)
    this.#countRound(told)
    this.#changed()
  }

  /** The channel told which daemon it is of. */
  #meet(pid: number): void {
    const isStranger = this.#daemonPid !== undefined && this.#daemonPid !== pid
    if (isStranger && this.#stranger === undefined) {
      this.board.clear()
      this.#heardAt = undefined
      this.#nextControlAt = 0 // it may have been started anew a moment ago
    }
    this.#stranger = isStranger ? pid : undefined
  }

  #countRound(told: Told): void {
    if (told.id !== 'process' && told.id !== 'helper') return
    if (this.#isRoundDone) return
    const key = `${told.id === 'process' ? told.watcher : ''}.${told.figures.pid}`
    if (this.#round.has(key)) {
      this.#isRoundDone = true
      this.#round.clear()
      this.#roundDone.resolve()
    } else this.#round.add(key)
  }

  #answered(): void {
    this.#link = { id: 'up' }
  }

  #failed(error: unknown): void {
    const { code } = error as { code?: string }
    if (error instanceof ReplyError) this.#answered()
    else if (this.#link.id === 'up' && !this.#closed && (code === 'ERR_UNREACHABLE' || !this.#hears)) {
      this.#link = { id: 'lost', since: performance.now(), error: error as Error }
      this.#changed()
    }
  }

  #changed(): void {
    for (const listener of this.#listeners) listener()
  }
}
