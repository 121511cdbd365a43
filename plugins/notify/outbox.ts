import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../../core/plugin.ts'
import { Health } from '../lib/health.ts'
import { Undelivered } from './delivery.ts'
import { Leftover, type Message } from './message.ts'
import type { Occurrence } from './occurrence.ts'

/** How a message gets there. Rejects with `Undelivered`. */
export interface Target {
  /** As the log calls it, without what is secret in it. */
  readonly name: string
  deliver(message: Message, signal: AbortSignal): Promise<void>
}

/** How much, and how often. Times are seconds. */
export interface OutboxLimits {
  readonly rate_limit: number
  readonly rate_window: number
  readonly retries: number
  readonly retry_delay: number
  readonly timeout: number
  readonly queue: number
}

/** The longest pause between two tries, and the longest that a server may ask for, in milliseconds. */
const LONGEST_PAUSE_MS = 60_000
const LONGEST_ASKED_MS = 600_000
/** What still waits at the end is tried for so long, in milliseconds, with such pauses. */
const LAST_MS = 3000
const LAST_PAUSE_MS = 200

interface Waiting {
  readonly message: Promise<Message>
  readonly name: string
}

/** Messages on their way, one at a time and in order; what is too much is counted, and told in one message later. */
export class Outbox {
  readonly #target: Target
  readonly #limits: OutboxLimits
  readonly #log: Log
  readonly #health: Health
  readonly #waiting: Waiting[] = []
  /** When the last messages were taken, as `performance.now()`. */
  #taken: number[] = []
  readonly #leftover = new Leftover()
  #leftoverTimer: NodeJS.Timeout | undefined
  #sending: Promise<void> | undefined
  /** Aborted when the end begins: pauses are cut short. */
  readonly #ending = new AbortController()
  /** Aborted when the end is over. */
  readonly #ended = new AbortController()

  constructor(target: Target, limits: OutboxLimits, log: Log) {
    this.#target = target
    this.#limits = limits
    this.#log = log
    this.#health = new Health(log, target.name)
  }

  /** Tell of an occurrence; `compose` makes the message, if there is to be one of its own. */
  add(occurrence: Occurrence, event: string, compose: () => Promise<Message>): void {
    if (this.#ending.signal.aborted) return
    // Those that were left over before come first.
    if (this.#leftover.isEmpty && this.#hasRoom()) this.#enqueue(compose(), `${occurrence.watcher} ${event}`)
    else this.#leave(occurrence, event)
  }

  /** Take no more, and try for a short time what still waits. Resolves when that is over. */
  async end(): Promise<void> {
    clearTimeout(this.#leftoverTimer)
    if (!this.#leftover.isEmpty) this.#enqueue(Promise.resolve(this.#leftover.take()), 'the rest')
    this.#ending.abort()
    const timer = setTimeout(() => this.#ended.abort(), LAST_MS)
    await this.#sending
    clearTimeout(timer)
  }

  #hasRoom(): boolean {
    const { rate_limit, rate_window, queue } = this.#limits
    const now = performance.now()
    this.#taken = this.#taken.filter((at) => now - at < rate_window * 1000)
    return this.#taken.length < rate_limit && this.#waiting.length < queue
  }

  #enqueue(message: Promise<Message>, name: string): void {
    message.catch(() => {})
    this.#taken.push(performance.now())
    this.#waiting.push({ message, name })
    this.#sending ??= this.#sendAll().finally(() => (this.#sending = undefined))
  }

  #leave(occurrence: Occurrence, event: string): void {
    this.#leftover.add(occurrence, event)
    this.#leftoverTimer ??= setTimeout(() => this.#tellLeftover(), this.#untilRoomMs())
  }

  #tellLeftover(): void {
    this.#leftoverTimer = undefined
    if (this.#hasRoom()) this.#enqueue(Promise.resolve(this.#leftover.take()), 'the rest')
    else this.#leftoverTimer = setTimeout(() => this.#tellLeftover(), this.#untilRoomMs())
  }

  /** When the oldest of them is out of the window; with a full queue, look again then. */
  #untilRoomMs(): number {
    const windowMs = this.#limits.rate_window * 1000
    const [oldest = performance.now()] = this.#taken
    return Math.ceil(Math.max(oldest + windowMs - performance.now(), Math.min(windowMs, 1000) / 10))
  }

  async #sendAll(): Promise<void> {
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      await this.#send(next)
      this.#waiting.shift()
      if (this.#ended.signal.aborted) return this.#giveUp()
    }
  }

  #giveUp(): void {
    const { length } = this.#waiting.splice(0)
    if (length > 0)
      this.#log.error(`the end came before ${length} more ${length === 1 ? 'message' : 'messages'} could be sent`)
  }

  async #send({ message: composing, name }: Waiting): Promise<void> {
    const { retries, timeout } = this.#limits
    const message = await composing
    for (let tries = 1; ; tries++) {
      const signal = AbortSignal.any([AbortSignal.timeout(timeout * 1000), this.#ended.signal])
      const failure = await this.#target.deliver(message, signal).then(
        () => undefined,
        (error: unknown) =>
          Undelivered.of(error, this.#ended.signal.aborted ? 'the end came' : `no answer within ${timeout} s`),
      )
      if (!failure) return this.#health.worked()
      this.#health.failed(failure.message)
      if (!failure.isTemporary || tries > retries || this.#ended.signal.aborted) {
        this.#log.error(`nobody was told of ${name} (${message.summary}): ${failure.message}`)
        return
      }
      await this.#pause(tries, failure.afterMs)
    }
  }

  async #pause(tries: number, askedMs = 0): Promise<void> {
    const grown = Math.min(this.#limits.retry_delay * 1000 * 2 ** (tries - 1), LONGEST_PAUSE_MS)
    const pauseMs = Math.max(grown, Math.min(askedMs, LONGEST_ASKED_MS))
    if (!this.#ending.signal.aborted) await sleep(pauseMs, undefined, { signal: this.#ending.signal }).catch(() => {})
    if (!this.#ending.signal.aborted) return
    await sleep(Math.min(pauseMs, LAST_PAUSE_MS), undefined, { signal: this.#ended.signal }).catch(() => {})
  }
}
