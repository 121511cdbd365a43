import type { Subscriber } from 'zeromq'
import { KernelError } from '../errors.ts'
import type { ClientKeys } from './curve/key-pair.ts'
import { parseEndpoint } from './endpoint.ts'
import { explainHangUp, onRefusal, useKeys } from './handshake.ts'
import { zeromq } from './zeromq.ts'

/** One published event. */
export interface PublishedEvent {
  /** As it came: `watcher.<watcher>.<event>`. */
  readonly topic: string
  /** Between the topic's first dot and its last: a watcher's name may hold dots. */
  readonly watcher: string
  /** After the topic's last dot. */
  readonly event: string
  readonly payload: Readonly<Record<string, unknown>>
  /** Unix seconds; the time it arrived when the daemon gave none. */
  readonly time: number
}

/** One published message, of whatever channel. */
export interface PublishedMessage {
  readonly topic: string
  readonly payload: Readonly<Record<string, unknown>>
}

/** Events that wait here until they are read; the daemon keeps as many again, and then drops. */
const maxWaiting = 10_000

/**
 * The events of a daemon, this one or an original Circus, as an async iterable. One reader at a time; leaving a loop
 * keeps the subscription, so that another loop goes on with the next event. It reconnects by itself, and what is
 * published meanwhile is lost; a loop ends with an error when the daemon does not let it in any more. Messages that are no events are skipped.
 *
 * Close it: while a reader waits, the process stays alive.
 */
export class EventSubscriber implements AsyncIterable<PublishedEvent>, AsyncDisposable {
  /** Settles when the connection, once it was up, has ended for the first time: what is published from then on is missed. */
  readonly lost: Promise<void>
  readonly #endpoint: string
  readonly #socket: Subscriber
  readonly #connected: Promise<void>
  #refusal: KernelError | undefined

  /**
   * Connects in the background; nothing needs to be there yet.
   *
   * @param topics Beginnings of topics. @default ['watcher.']
   * @param keys For a daemon with `auth = curve`.
   * @throws ERR_ENDPOINT_INVALID
   */
  constructor({
    endpoint,
    topics = ['watcher.'],
    keys,
  }: {
    endpoint: string
    topics?: readonly string[]
    keys?: ClientKeys | undefined
  }) {
    const parsed = parseEndpoint('pubsub_endpoint', endpoint)
    if (parsed.transport === 'tcp' && parsed.port === '*')
      throw new KernelError('ERR_ENDPOINT_INVALID', ['pubsub_endpoint', endpoint, 'a subscriber needs the port'])
    this.#endpoint = endpoint
    const { Subscriber: Socket } = zeromq()
    this.#socket = new Socket()
    this.#socket.linger = 0
    this.#socket.receiveHighWaterMark = maxWaiting
    this.#socket.ipv6 = parsed.transport === 'tcp' && parsed.host.includes(':')
    this.#socket.subscribe(...topics)
    this.lost = new Promise((resolve) => {
      this.#socket.events.on('disconnect', () => void this.#connected.then(resolve, () => {}))
    })
    // An inproc connection has no handshake: it is there once `connect` returns.
    this.#connected =
      parsed.transport === 'inproc'
        ? Promise.resolve()
        : new Promise((resolve, reject) => {
            this.#socket.events.on('handshake', () => resolve())
            const refuse = (refusal: KernelError | undefined) => {
              if (!refusal) return
              this.#refusal ??= refusal
              reject(this.#refusal)
              this.#socket.close()
            }
            const hungUp = async () => refuse(await explainHangUp(parsed, keys))
            onRefusal(this.#socket, parsed, keys, refuse, () => void hungUp())
          })
    this.#connected.catch(() => {})
    if (keys && parsed.transport !== 'inproc') useKeys(this.#socket, keys)
    this.#socket.connect(endpoint)
  }

  /**
   * Resolves when the connection is up and the subscription is on its way to the daemon. ZeroMQ does not confirm a
   * subscription; but the daemon reads its connections in the order in which they speak, so whatever a command
   * causes that is sent after this resolved is seen. An event that the daemon publishes by itself in the same
   * instant may be missed.
   *
   * @param timeoutMs @default 5000
   * @throws ERR_UNREACHABLE when there is no connection within that time; ERR_KEY_WANTED, ERR_KEY_NOT_WANTED,
   * ERR_KEY_REFUSED or ERR_SERVER_KEY_WRONG when the daemon does not let it in.
   */
  async ready(timeoutMs = 5_000): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      const error = () => new KernelError('ERR_UNREACHABLE', [this.#endpoint, `no connection within ${timeoutMs} ms`])
      timer = setTimeout(() => reject(error()), timeoutMs)
    })
    await Promise.race([this.#connected, late]).finally(() => clearTimeout(timer))
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<PublishedEvent, void, undefined> {
    for await (const message of this.messages()) {
      const event = eventIn(message)
      if (event) yield event
    }
  }

  /** The same with all messages that come, those that are no events included: for the statistics, whose topics are others. */
  async *messages(): AsyncGenerator<PublishedMessage, void, undefined> {
    while (!this.#socket.closed) {
      let frames: Buffer[]
      try {
        frames = await this.#socket.receive()
      } catch (error) {
        if (!this.#socket.closed) throw error
        break
      }
      const message = decodeMessage(frames)
      if (message) yield message
    }
    if (this.#refusal) throw this.#refusal
  }

  /** Close the connection; a loop that waits for the next event ends. */
  async close(): Promise<void> {
    this.#socket.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/** The event in a message of two frames, or `undefined` when there is none. */
export function decodeEvent(frames: readonly Buffer[]): PublishedEvent | undefined {
  const message = decodeMessage(frames)
  return message && eventIn(message)
}

function decodeMessage(frames: readonly Buffer[]): PublishedMessage | undefined {
  if (frames.length !== 2) return undefined
  let payload: unknown
  try {
    payload = JSON.parse(String(frames[1]))
  } catch {
    return undefined
  }
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return undefined
  return { topic: String(frames[0]), payload: payload as Record<string, unknown> }
}

function eventIn({ topic, payload }: PublishedMessage): PublishedEvent | undefined {
  const first = topic.indexOf('.')
  const last = topic.lastIndexOf('.')
  if (first === last) return undefined
  const { time } = payload
  return {
    topic,
    watcher: topic.slice(first + 1, last),
    event: topic.slice(last + 1),
    payload,
    time: typeof time === 'number' ? time : Date.now() / 1000,
  }
}
