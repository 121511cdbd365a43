import { performance } from 'node:perf_hooks'
import type { EventSubscriber } from '../../core/client.ts'
import { ReplyError } from '../../core/client.ts'
import type { Daemon } from '../circusctl/daemon.ts'
import { viewOf } from '../circusctl/watcher-view.ts'
import { Board, type Snapshot } from './board.ts'
import { fieldsOf, number } from './figures.ts'
import { readMessage, readSockets } from './message.ts'

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
export const advice = 'no statistics are published: set statsd = True in [circus] of the ini'

/** Without a message for so long, the daemon is asked. */
const patienceMs = 3_000
/** The same at the start: most channels speak every second. */
const firstPatienceMs = 1_500
/** How often the daemon is asked what the channel does not tell. */
const controlMs = 2_000
/** A subscription without a message is renewed after so long: the endpoint may be another by now. */
const renewMs = 10_000
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
  #endpoint: string | undefined
  /** The channel is another daemon's: it told of this one's pid. */
  #stranger: number | undefined
  #heardAt: number | undefined
  #subscriber: EventSubscriber | undefined
  #subscribedAt = Number.NEGATIVE_INFINITY
  #subscribing = false
  #polls = 0
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
      if (options.statsOnly) feed.#endpoint = options.daemon.endpoint
      else await feed.#contact()
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
    this.firstRound = this.#roundDone.promise
  }

  get link(): Link {
    return this.#link
  }

  get source(): Source {
    if (this.#hears) return { id: 'channel', everySeconds: this.board.intervalMs / 1_000 }
    if (this.#polls > 0) return { id: 'polling', everySeconds: this.#pollEveryMs / 1_000, why: this.#why }
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
    await this.#subscriber?.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  get #why(): string {
    if (this.#stranger !== undefined) {
      return `${this.#endpoint} has the statistics of another daemon (pid ${this.#stranger}): give this one a stats_endpoint of its own`
    }
    return advice
  }

  /** Whether the channel is alive. */
  get #hears(): boolean {
    const patience = Math.max(patienceMs, this.board.intervalMs * 2.5)
    return this.#heardAt !== undefined && performance.now() - this.#heardAt < patience
  }

  /** Learn who the daemon is, and where its channel. */
  async #contact(): Promise<void> {
    const { options } = await this.daemon.call('globaloptions')
    const told = fieldsOf(options).stats_endpoint
    const endpoint = this.#options.statsEndpoint ?? (typeof told === 'string' ? told : undefined)
    if (endpoint !== this.#endpoint) this.#subscribedAt = Number.NEGATIVE_INFINITY
    this.#endpoint = endpoint
    await this.#askControl()
  }

  #tick(): void {
    const now = performance.now()
    const isLost = this.#link.id === 'lost'
    if (!isLost && this.#hears) this.board.expire(now)
    this.board.sample(isLost)
    this.#beat()
    this.#changed()
  }

  /** Do whatever is due. */
  #beat(): void {
    const now = performance.now()
    const { statsOnly } = this.#options
    if (this.#closed) return
    if (!statsOnly && now >= this.#nextControlAt && !this.#asking) void this.#control()
    if (!this.#hears && now - this.#subscribedAt > renewMs && !this.#subscribing) void this.#subscribe()
    const isEarly = !this.#options.eager && this.#heardAt === undefined && now - this.#begun < firstPatienceMs
    if (statsOnly || this.#link.id === 'lost') return
    if (this.#hears) {
      if (this.wantsChildren && now >= this.#nextChildrenAt && !this.#askingChildren) void this.#askChildren()
    } else if (!isEarly && now >= this.#nextPollAt && !this.#polling) void this.#poll()
  }

  async #control(): Promise<void> {
    this.#asking = true
    try {
      if (this.#link.id === 'lost') await this.#contact()
      else await this.#askControl()
      this.#answered()
    } catch (error) {
      this.#failed(error)
    } finally {
      this.#asking = false
      this.#nextControlAt = performance.now() + controlMs - 100 // ticks are not exact
    }
  }

  /** What the channel of an original daemon does not tell. */
  async #askControl(): Promise<void> {
    const [statuses, sockets, daemon] = await Promise.all([
      this.daemon.call('status'),
      this.#ifKnown('listsockets'),
      this.#ifKnown('dstats'),
    ])
    this.board.takeStatuses(fieldsOf(statuses.statuses))
    if (sockets) this.board.takeSockets(readSockets(sockets.sockets))
    if (!daemon) return
    const pid = number(fieldsOf(daemon.info).pid)
    if (pid !== this.#daemonPid) {
      if (this.#daemonPid !== undefined) this.board.clear()
      this.#stranger = undefined
    }
    this.#daemonPid = pid
    if (!this.#hears) this.board.takeDaemon(daemon.info, performance.now())
  }

  /** A reply, or `undefined` where the daemon refuses. */
  async #ifKnown(command: string) {
    try {
      return await this.daemon.call(command)
    } catch (error) {
      if (error instanceof ReplyError) return undefined
      throw error
    }
  }

  async #poll(): Promise<void> {
    this.#polling = true
    const begun = performance.now()
    try {
      const { watchers } = await viewOf(this.daemon)
      const now = performance.now()
      const tookMs = now - begun
      this.#pollEveryMs = Math.max(1_000, tookMs * (1 + leaveParts))
      this.#nextPollAt = begun + this.#pollEveryMs - 100
      this.#answered()
      if (this.#hears) return
      this.board.takeWatchers(watchers, now)
      this.#polls++
      if (this.#polls > 1) this.#roundDone.resolve()
    } catch (error) {
      this.#failed(error)
    } finally {
      this.#polling = false
      this.#changed()
    }
  }

  /** The channel tells of the processes themselves. */
  async #askChildren(): Promise<void> {
    this.#askingChildren = true
    const begun = performance.now()
    try {
      const { infos } = await this.daemon.call('stats')
      for (const [name, processes] of Object.entries(fieldsOf(infos))) this.board.takeChildren(name, processes)
    } catch (error) {
      this.#failed(error)
    } finally {
      this.#askingChildren = false
      this.#nextChildrenAt = begun + Math.max(1_900, (performance.now() - begun) * (1 + leaveParts))
    }
  }

  async #subscribe(): Promise<void> {
    const endpoint = this.#endpoint
    if (endpoint === undefined || this.#closed) return
    this.#subscribing = true
    this.#subscribedAt = performance.now()
    try {
      await this.#subscriber?.close()
      const subscriber = await this.daemon.listenTo(endpoint, ['stat.'])
      if (this.#closed) await subscriber.close()
      else this.#subscriber = subscriber
      void this.#listen(subscriber)
    } catch {
      // It is tried again, and the daemon is asked meanwhile.
    } finally {
      this.#subscribing = false
    }
  }

  async #listen(subscriber: EventSubscriber): Promise<void> {
    try {
      for await (const message of subscriber.messages()) {
        const told = readMessage(message)
        if (!told) continue
        if (told.id === 'helper' && told.figures.role === 'circusd') this.#meet(told.figures.pid)
        if (this.#stranger !== undefined) continue
        const now = performance.now()
        if (this.#heardAt === undefined) this.#changed()
        this.#heardAt = now
        this.board.take(told, now)
        this.#countRound(told)
        this.#changed()
      }
    } catch {
      // Refused: the daemon is asked instead, and the next subscription may be let in.
    }
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

  #countRound(told: NonNullable<ReturnType<typeof readMessage>>): void {
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
