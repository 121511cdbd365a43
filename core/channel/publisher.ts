import type { Publisher as PublisherSocket } from 'zeromq'
import { reasonOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { type Binding, bind } from './bind.ts'
import { zeromq } from './zeromq.ts'

type State =
  | { readonly id: 'idle' }
  | { readonly id: 'bound'; readonly socket: PublisherSocket; readonly binding: Binding }
  | { readonly id: 'closed' }

/** Events that wait for one subscriber; libzmq then drops that subscriber's, the other subscribers' go on. */
const maxWaiting = 10_000
/** How long closing waits for events that are on their way. */
const flushMs = 500

/**
 * The event channel. Each event is handed to libzmq as it is published, so the order is kept, and nothing waits in
 * here. Each subscriber has a queue of its own in libzmq, 10,000 events long; what libzmq drops there it does not tell.
 */
export class Publisher {
  readonly #endpoint: string
  readonly #option: string
  readonly #log: Log | undefined
  #state: State = { id: 'idle' }
  #dropped = 0

  /** @param option The endpoint's name in the configuration, for messages. @default 'pubsub_endpoint' */
  constructor({ endpoint, option = 'pubsub_endpoint', log }: { endpoint: string; option?: string; log?: Log }) {
    this.#endpoint = endpoint
    this.#option = option
    this.#log = log
  }

  /** Events that never left: published while not bound, or not to be written as JSON. */
  get dropped(): number {
    return this.#dropped
  }

  /**
   * Listen, and resolve to the real endpoint.
   *
   * @throws ERR_ENDPOINT_IN_USE, ERR_ENDPOINT_INVALID
   */
  async bind(): Promise<string> {
    const { Publisher: Socket } = zeromq()
    const socket = new Socket()
    socket.linger = 0
    // A send is done when it returns: none is ever under way when the next begins (EBUSY).
    socket.sendTimeout = 0
    socket.sendHighWaterMark = maxWaiting
    try {
      const binding = await bind(socket, this.#option, this.#endpoint)
      this.#state = { id: 'bound', socket, binding }
      return binding.endpoint
    } catch (error) {
      socket.close()
      throw error
    }
  }

  /** Send to whoever has subscribed to a beginning of the topic. Never throws. */
  publish(topic: string, payload: object): void {
    if (this.#state.id !== 'bound') {
      this.#dropped++
      return
    }
    try {
      const text = JSON.stringify(payload)
      // Asking has libzmq look at subscriptions that have come in; a send alone puts that off for up to a millisecond.
      void this.#state.socket.writable
      this.#state.socket.send([topic, text]).catch((error: unknown) => this.#lose(topic, error))
    } catch (error) {
      this.#lose(topic, error)
    }
  }

  /** Stop listening, and close once connected subscribers were sent all events, after half a second at most. */
  async close(): Promise<void> {
    if (this.#state.id !== 'bound') return
    const { binding } = this.#state
    this.#state = { id: 'closed' }
    await binding.close(flushMs)
  }

  #lose(topic: string, error: unknown): void {
    this.#dropped++
    this.#log?.error(`event ${topic} was not published: ${reasonOf(error)}`)
  }
}
