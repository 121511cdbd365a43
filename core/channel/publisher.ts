import type { XPublisher as PublisherSocket } from 'zeromq'
import { reasonOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { maskSecrets } from '../secrets.ts'
import { type Binding, bind } from './bind.ts'
import { parseEndpoint } from './endpoint.ts'
import { type Access, Guard, privateAccess } from './guard.ts'
import { listenAgain } from './listen-again.ts'
import { zeromq } from './zeromq.ts'

interface Bound {
  readonly socket: PublisherSocket
  readonly binding: Binding
  readonly guard: Guard
}

type State =
  | { readonly id: 'idle' }
  | (Bound & { readonly id: 'bound' })
  | { readonly id: 'renewing' }
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
  readonly #channel: string
  readonly #log: Log
  readonly #access: Access
  #state: State = { id: 'idle' }
  #renewal: Promise<void> | undefined
  #dropped = 0
  readonly #subscriptions = new Set<string>()
  readonly #onSubscriptions: (subscriptions: ReadonlySet<string>) => void

  /**
   * @param option The endpoint's name in the configuration, for messages. @default 'pubsub_endpoint'
   * @param channel What it is called in the log. @default 'events'
   * @param access Who may listen. @default whoever reaches the endpoint; of `ipc://`, this user and root
   * @param onSubscriptions Called whenever what is subscribed to has changed: with the beginnings of topics that somebody
   *   wants, each once. What nobody wants need not be made.
   */
  constructor({
    endpoint,
    option = 'pubsub_endpoint',
    channel = 'events',
    log,
    access = privateAccess,
    onSubscriptions = () => {},
  }: {
    endpoint: string
    option?: string
    channel?: string
    log: Log
    access?: Access
    onSubscriptions?: (subscriptions: ReadonlySet<string>) => void
  }) {
    this.#endpoint = endpoint
    this.#option = option
    this.#channel = channel
    this.#log = log
    this.#access = access
    this.#onSubscriptions = onSubscriptions
    access.keys?.list.onRemoved(() => this.#renew())
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
    const bound = await this.#bind(this.#endpoint)
    this.#open(bound)
    return bound.binding.endpoint
  }

  #open(bound: Bound): void {
    this.#state = { ...bound, id: 'bound' }
    void this.#heedSubscriptions(bound.socket)
  }

  /** An XPUB socket hears of the first subscription to something, and of the end of the last. */
  async #heedSubscriptions(socket: PublisherSocket): Promise<void> {
    try {
      for await (const [frame] of socket) {
        // Anything else is no subscription: whoever may listen can send what it likes.
        const change = frame?.[0]
        if (change !== 0 && change !== 1) continue
        const beginning = frame!.toString('utf8', 1)
        if (change === 1) this.#subscriptions.add(beginning)
        else this.#subscriptions.delete(beginning)
        this.#onSubscriptions(this.#subscriptions)
      }
    } catch (error) {
      if (!socket.closed) this.#log.error(`${this.#channel} channel: subscriptions are not heard: ${reasonOf(error)}`)
    }
    // With the socket all subscriptions are gone.
    this.#subscriptions.clear()
    this.#onSubscriptions(this.#subscriptions)
  }

  async #bind(endpoint: string): Promise<Bound> {
    const socket = new (zeromq().XPublisher)()
    socket.linger = 0
    // A send is done when it returns: none is ever under way when the next begins (EBUSY).
    socket.sendTimeout = 0
    socket.sendHighWaterMark = maxWaiting
    const guard = new Guard(this.#channel, parseEndpoint(this.#option, endpoint), this.#access, this.#log)
    try {
      guard.protect(socket)
      return { socket, guard, binding: await bind(socket, this.#option, endpoint, this.#access) }
    } catch (error) {
      socket.close()
      guard.release()
      throw error
    }
  }

  /** Send to whoever has subscribed to a beginning of the topic, secrets masked. Never throws. */
  publish(topic: string, payload: object): void {
    // Whoever may listen may be somebody who may only look.
    this.#send(topic, () => JSON.stringify(maskSecrets(payload)))
  }

  /** Send JSON as it is. Never throws. */
  publishText(topic: string, text: string): void {
    this.#send(topic, () => text)
  }

  #send(topic: string, encode: () => string): void {
    if (this.#state.id !== 'bound') {
      this.#dropped++
      return
    }
    try {
      const text = encode()
      // Asking has libzmq look at subscriptions that have come in; a send alone puts that off for up to a millisecond.
      void this.#state.socket.writable
      this.#state.socket.send([topic, text]).catch((error: unknown) => this.#lose(topic, error))
    } catch (error) {
      this.#lose(topic, error)
    }
  }

  /** Stop listening, and close once connected subscribers were sent all events, after half a second at most. */
  async close(): Promise<void> {
    if (this.#state.id === 'renewing') {
      this.#state = { id: 'closed' }
      await this.#renewal
    }
    if (this.#state.id !== 'bound') return
    const { binding, guard } = this.#state
    this.#state = { id: 'closed' }
    await binding.close(flushMs)
    guard.release()
  }

  /**
   * Listen anew: libzmq cannot drop one subscriber, so all are, and those that still may come back. Events until then
   * are lost, as whenever a subscriber reconnects.
   */
  #renew(): void {
    this.#renewal ??= this.#listenAnew().finally(() => (this.#renewal = undefined))
  }

  async #listenAnew(): Promise<void> {
    if (this.#state.id !== 'bound') return
    const { binding, guard } = this.#state
    this.#state = { id: 'renewing' }
    await binding.close(flushMs)
    guard.release()
    const bound = await listenAgain(this.#channel, this.#log, () => this.#renewing && this.#bind(binding.endpoint))
    if (bound && this.#renewing) this.#open(bound)
    else if (bound) {
      await bound.binding.close(0)
      bound.guard.release()
    }
  }

  get #renewing(): boolean {
    return this.#state.id === 'renewing'
  }

  #lose(topic: string, error: unknown): void {
    this.#dropped++
    this.#log.error(`event ${topic} was not published: ${reasonOf(error)}`)
  }
}
