import { performance } from 'node:perf_hooks'
import type { EventSubscriber } from '../../core/client.ts'
import type { Daemon } from '../circusctl/daemon.ts'
import { readMessage, type Told } from './message.ts'

/** A subscription without a message is renewed after so long: whoever published may have come anew. */
const renewMs = 10_000

/** The statistics channel of a daemon, which may be there or not: whoever publishes there is heard once it does. */
export class StatsChannel implements AsyncDisposable {
  readonly #daemon: Daemon
  readonly #take: (told: Told) => void
  #endpoint: string | undefined
  #subscriber: EventSubscriber | undefined
  #begunAt = Number.NEGATIVE_INFINITY
  #subscribing = false
  #closed = false

  /** @param take Called with each message. */
  constructor(daemon: Daemon, take: (told: Told) => void) {
    this.#daemon = daemon
    this.#take = take
  }

  /** Where it listens; `undefined` when nobody has told yet. */
  get endpoint(): string | undefined {
    return this.#endpoint
  }

  set endpoint(endpoint: string | undefined) {
    if (endpoint !== this.#endpoint) this.#begunAt = Number.NEGATIVE_INFINITY
    this.#endpoint = endpoint
  }

  /** Listen; listen anew when that has brought nothing for a while. Call it every now and then while nothing comes. */
  tend(): void {
    if (performance.now() - this.#begunAt > renewMs && !this.#subscribing) void this.#subscribe()
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#subscriber?.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #subscribe(): Promise<void> {
    if (this.#endpoint === undefined || this.#closed) return
    this.#subscribing = true
    this.#begunAt = performance.now()
    try {
      await this.#subscriber?.close()
      const subscriber = await this.#daemon.listenTo(this.#endpoint, ['stat.'])
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
        if (told) this.#take(told)
      }
    } catch {
      // Refused: the daemon is asked instead, and the next subscription may be let in.
    }
  }
}
