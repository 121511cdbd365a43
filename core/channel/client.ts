import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Dealer } from 'zeromq'
import { KernelError } from '../errors.ts'
import { type Endpoint, parseEndpoint } from './endpoint.ts'
import { flushAndClose } from './flush.ts'
import { probe } from './probe.ts'
import { ReplyError } from './reply-error.ts'
import { zeromq } from './zeromq.ts'

interface Pending {
  resolve(reply: never): void
  reject(error: Error): void
}

/** Options of one call. */
export interface CallOptions {
  /** Milliseconds. @default the client's `timeoutMs` */
  readonly timeoutMs?: number
  /** Gives the call up. */
  readonly signal?: AbortSignal
}

/** How long a message is offered to a connection that is not there before it is looked at again. */
const offerMs = 100
/** How long `close` waits for casts to leave. */
const flushMs = 1_000
/** How long a first connection may take before the call's own time limit is what counts. */
const probeMs = 700

/**
 * A client of a daemon, this one or an original Circus. Any number of calls may be under way. It reconnects by itself
 * when the daemon restarts; a call that ran out of time before it could be sent is never sent.
 *
 * Close it: once a call was made, an open client keeps the process alive.
 */
export class CircusClient implements AsyncDisposable {
  readonly #endpoint: Endpoint
  readonly #timeoutMs: number
  readonly #dealer: Dealer
  /** Replies that are waited for, by the request's id. */
  readonly #pending = new Map<string, Pending>()
  /** What is not sent yet, by id, oldest first. */
  readonly #outbox = new Map<string, string>()
  #lastId = 0
  #state: 'unproven' | 'probing' | 'proven' | 'closed' = 'unproven'
  #reading = false
  #sending: Promise<void> | undefined

  /**
   * Connects in the background; nothing needs to be there yet.
   *
   * @param timeoutMs How long a call waits for its reply. @default 5000
   * @throws ERR_ENDPOINT_INVALID
   */
  constructor({ endpoint, timeoutMs = 5_000 }: { endpoint: string; timeoutMs?: number }) {
    this.#endpoint = parseEndpoint('endpoint', endpoint)
    if (this.#endpoint.transport === 'tcp' && this.#endpoint.port === '*')
      throw new KernelError('ERR_ENDPOINT_INVALID', ['endpoint', endpoint, 'a client needs the port'])
    this.#timeoutMs = timeoutMs
    const { Dealer } = zeromq()
    this.#dealer = new Dealer()
    this.#dealer.routingId = randomUUID().replaceAll('-', '')
    this.#dealer.linger = 0
    this.#dealer.sendTimeout = offerMs
    this.#dealer.immediate = true // queue nothing for a daemon that is not there
    this.#dealer.ipv6 = this.#endpoint.transport === 'tcp' && this.#endpoint.host.includes(':')
    this.#dealer.connect(endpoint)
  }

  /**
   * Send a command and resolve to the whole reply.
   *
   * @throws ReplyError for an error reply; KernelError ERR_CALL_TIMEOUT, ERR_CALL_ABORTED, ERR_UNREACHABLE (nobody
   * listens there), ERR_CLIENT_CLOSED
   */
  call<T = Record<string, unknown>>(
    command: string,
    properties: Readonly<Record<string, unknown>> = {},
    { timeoutMs = this.#timeoutMs, signal }: CallOptions = {},
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#state === 'closed') throw new KernelError('ERR_CLIENT_CLOSED', [])
      if (signal?.aborted) throw new KernelError('ERR_CALL_ABORTED', [])
      const id = String(++this.#lastId)
      const text = JSON.stringify({ id, command, properties })
      const settle = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', abort)
        this.#pending.delete(id)
        this.#outbox.delete(id)
      }
      const pending: Pending = {
        resolve(reply) {
          settle()
          resolve(reply)
        },
        reject(error) {
          settle()
          reject(error)
        },
      }
      const abort = () => pending.reject(new KernelError('ERR_CALL_ABORTED', []))
      const timer = setTimeout(() => {
        if (this.#state === 'proven') this.#state = 'unproven'
        pending.reject(new KernelError('ERR_CALL_TIMEOUT', [this.#endpoint.text, timeoutMs]))
      }, timeoutMs)
      signal?.addEventListener('abort', abort)
      this.#pending.set(id, pending)
      if (!this.#reading) void this.#read()
      this.#enqueue(id, text)
    })
  }

  /**
   * Send a command and want no reply. It is sent even when `close` follows at once; when nobody listens it is lost.
   *
   * @throws ERR_CLIENT_CLOSED
   */
  cast(command: string, properties: Readonly<Record<string, unknown>> = {}): void {
    if (this.#state === 'closed') throw new KernelError('ERR_CLIENT_CLOSED', [])
    const id = String(++this.#lastId)
    this.#enqueue(id, JSON.stringify({ id, command, properties, msg_type: 'cast' }))
  }

  /** Reject the calls under way with ERR_CLIENT_CLOSED, see the casts off, and close. */
  async close(): Promise<void> {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    for (const pending of [...this.#pending.values()]) pending.reject(new KernelError('ERR_CLIENT_CLOSED', []))
    if (this.#outbox.size > 0) {
      this.#sending ??= this.#send()
      const patience = new AbortController()
      await Promise.race([this.#sending, sleep(flushMs, undefined, { signal: patience.signal }).catch(() => {})])
      patience.abort()
    }
    this.#outbox.clear()
    await flushAndClose(this.#dealer, flushMs)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #enqueue(id: string, text: string): void {
    this.#outbox.set(id, text)
    switch (this.#state) {
      case 'unproven':
        this.#state = 'probing'
        void this.#prove()
        break
      case 'proven':
        this.#sending ??= this.#send()
        break
      case 'probing':
      case 'closed':
        break
      default:
        this.#state satisfies never
    }
  }

  async #prove(): Promise<void> {
    const found = await probe(this.#endpoint, probeMs)
    if (this.#state !== 'probing') return
    if (found.id !== 'closed') {
      this.#state = 'proven'
      this.#sending ??= this.#send()
      return
    }
    this.#state = 'unproven'
    for (const id of [...this.#outbox.keys()])
      this.#pending.get(id)?.reject(new KernelError('ERR_UNREACHABLE', [this.#endpoint.text, found.why]))
    this.#outbox.clear()
  }

  /** Send what is in the outbox, one message after the other: two sends at a time are an error (EBUSY). */
  async #send(): Promise<void> {
    for (let next = first(this.#outbox); next && !this.#dealer.closed; next = first(this.#outbox)) {
      try {
        await this.#dealer.send(next[1])
        this.#outbox.delete(next[0])
      } catch {
        // Not connected within the time of an offer. What was given up meanwhile has left the outbox.
      }
    }
    this.#sending = undefined
  }

  async #read(): Promise<void> {
    this.#reading = true
    while (!this.#dealer.closed) {
      try {
        this.#receive(await this.#dealer.receive())
      } catch {
        if (!this.#dealer.closed) await sleep(offerMs)
      }
    }
  }

  #receive(frames: Buffer[]): void {
    const reply = parse(frames.at(-1))
    const pending = this.#pending.get(String(reply?.id))
    if (!reply || !pending) return // late, or not meant for a call
    if (reply.status === 'error') pending.reject(new ReplyError(reply))
    else pending.resolve(reply as never)
  }
}

function first<K, V>(map: Map<K, V>): [K, V] | undefined {
  return map.entries().next().value
}

function parse(frame: Buffer | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(String(frame))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
