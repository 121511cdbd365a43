import type { Principal } from '../command/role.ts'
import { KernelError } from '../errors.ts'
import { Connection } from './connection.ts'
import type { ClientKeys } from './curve/key-pair.ts'
import type { KeySource } from './curve/key-source.ts'
import { type Endpoint, parseEndpoint } from './endpoint.ts'
import { probe } from './probe.ts'
import { ReplyError } from './reply-error.ts'

/** Options of one call. */
export interface CallOptions {
  /** Milliseconds. @default the client's `timeoutMs` */
  readonly timeoutMs?: number
  /** Gives the call up. */
  readonly signal?: AbortSignal
  /** Ask for somebody who may do less: a role above one's own changes nothing. An original Circus takes no notice. */
  readonly as?: Principal
}

interface Pending {
  resolve(reply: never): void
  reject(error: Error): void
}

/** What is to be sent. A call that was given up before it could be is not. */
interface Message {
  readonly id: string
  readonly cast: boolean
  readonly text: string
}

type State =
  | { readonly id: 'idle' }
  | { readonly id: 'connecting'; readonly waiting: Message[]; readonly done: Promise<void> }
  | { readonly id: 'connected'; readonly connection: Connection }
  | { readonly id: 'closed' }

/** How long `close` waits for casts to leave. */
const flushMs = 1_000
/** How long a plain connection may take before the calls' own time limits are what counts. */
const probeMs = 700

/**
 * A client of a daemon, this one or an original Circus. Any number of calls may be under way. It connects with the
 * first message, and again after the daemon was restarted.
 *
 * Close it: once it has sent something, an open client keeps the process alive.
 */
export class CircusClient implements AsyncDisposable {
  readonly #endpoint: Endpoint
  readonly #timeoutMs: number
  readonly #keys: ClientKeys | KeySource | undefined
  /** Replies that are waited for, by the request's id. */
  readonly #pending = new Map<string, Pending>()
  #lastId = 0
  #state: State = { id: 'idle' }

  /**
   * @param timeoutMs How long a call waits for its reply. @default 5000
   * @param keys For a daemon with `auth = curve`. Given as they are, no other daemon is spoken to.
   * @throws ERR_ENDPOINT_INVALID
   */
  constructor({
    endpoint,
    timeoutMs = 5_000,
    keys,
  }: {
    endpoint: string
    timeoutMs?: number
    keys?: ClientKeys | KeySource | undefined
  }) {
    this.#endpoint = parseEndpoint('endpoint', endpoint)
    if (this.#endpoint.transport === 'tcp' && this.#endpoint.port === '*')
      throw new KernelError('ERR_ENDPOINT_INVALID', ['endpoint', endpoint, 'a client needs the port'])
    this.#timeoutMs = timeoutMs
    this.#keys = keys
  }

  /**
   * Send a command and resolve to the whole reply.
   *
   * @throws ReplyError for an error reply; KernelError ERR_UNREACHABLE (nobody listens there, or the daemon went
   * away before it answered), ERR_CALL_TIMEOUT, ERR_CALL_ABORTED, ERR_CLIENT_CLOSED;
   * ERR_KEY_WANTED, ERR_KEY_NOT_WANTED, ERR_KEY_REFUSED, ERR_SERVER_KEY_WRONG, ERR_KEY_FILE_INVALID when it is not let in
   */
  call<T = Record<string, unknown>>(
    command: string,
    properties: Readonly<Record<string, unknown>> = {},
    { timeoutMs = this.#timeoutMs, signal, as }: CallOptions = {},
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#state.id === 'closed') throw new KernelError('ERR_CLIENT_CLOSED', [])
      if (signal?.aborted) throw new KernelError('ERR_CALL_ABORTED', [])
      const id = String(++this.#lastId)
      const text = JSON.stringify({ id, command, properties, as })
      const settle = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', abort)
        this.#pending.delete(id)
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
      const late = () => pending.reject(new KernelError('ERR_CALL_TIMEOUT', [this.#endpoint.text, timeoutMs]))
      const timer = setTimeout(late, timeoutMs)
      signal?.addEventListener('abort', abort)
      this.#pending.set(id, pending)
      this.#send({ id, cast: false, text })
    })
  }

  /**
   * Send a command and want no reply. It is sent even when `close` follows at once; when nobody listens it is lost.
   *
   * @throws ERR_CLIENT_CLOSED
   */
  cast(command: string, properties: Readonly<Record<string, unknown>> = {}): void {
    if (this.#state.id === 'closed') throw new KernelError('ERR_CLIENT_CLOSED', [])
    const id = String(++this.#lastId)
    this.#send({ id, cast: true, text: JSON.stringify({ id, command, properties, msg_type: 'cast' }) })
  }

  /**
   * The keys that this daemon is to be spoken to with, for its other channels; `undefined` when it wants none, or there
   * are none.
   *
   * @throws ERR_UNREACHABLE, ERR_KEY_NOT_WANTED, ERR_KEY_FILE_INVALID
   */
  async chooseKeys(): Promise<ClientKeys | undefined> {
    return (await this.#agree()).keys
  }

  async #agree(): Promise<{ readonly wantsKeys: boolean; readonly keys?: ClientKeys | undefined }> {
    const found = await probe(this.#endpoint, probeMs, { greet: true })
    if (found.id === 'closed') throw new KernelError('ERR_UNREACHABLE', [this.#endpoint.text, found.why])
    const given = this.#keys
    const source = given && 'load' in given ? given : undefined
    const insist = source ? source.insist : given !== undefined
    const mechanism = found.id === 'open' ? found.mechanism : undefined
    const { text, transport } = this.#endpoint
    if (mechanism !== 'CURVE') {
      // What does not greet is not known: whoever insists finds out by trying.
      if (!insist || transport === 'inproc') return { wantsKeys: false }
      if (mechanism !== undefined) throw new KernelError('ERR_KEY_NOT_WANTED', [text])
    }
    // Without any, the daemon refuses, and logs that it did.
    return { wantsKeys: true, keys: source ? await source.load() : (given as ClientKeys | undefined) }
  }

  /** Reject the calls under way with ERR_CLIENT_CLOSED, see the casts off, and close. */
  async close(): Promise<void> {
    const closed = () => new KernelError('ERR_CLIENT_CLOSED', [])
    this.#rejectAll(closed)
    if (this.#state.id === 'connecting') await this.#state.done
    const state = this.#state
    this.#state = { id: 'closed' }
    this.#rejectAll(closed)
    if (state.id === 'connected') await state.connection.close(flushMs)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #send(message: Message): void {
    switch (this.#state.id) {
      case 'idle': {
        const waiting = [message]
        this.#state = { id: 'connecting', waiting, done: this.#connect(waiting) }
        break
      }
      case 'connecting':
        this.#state.waiting.push(message)
        break
      case 'connected':
        this.#state.connection.send(message.text, message.cast)
        break
      case 'closed':
        break
      default:
        this.#state satisfies never
    }
  }

  /** A ZeroMQ socket never says that nobody is there, so that is found out first. */
  async #connect(waiting: Message[]): Promise<void> {
    let curve: ConstructorParameters<typeof Connection>[3]
    let wantsKeys: boolean
    try {
      const agreed = await this.#agree()
      const { keys } = agreed
      wantsKeys = agreed.wantsKeys
      if (keys) {
        const { prove } = await import('./curve/proof.ts')
        curve = { keys, routingId: prove(keys) }
      }
    } catch (error) {
      this.#state = { id: 'idle' }
      this.#rejectAll(() => error as Error)
      return
    }
    const unreachable = () =>
      new KernelError('ERR_UNREACHABLE', [this.#endpoint.text, 'it went away without an answer'])
    const connection = new Connection(
      this.#endpoint,
      {
        received: (frames) => this.#receive(frames),
        lost: () => this.#lose(connection, unreachable),
        refused: (error) => this.#lose(connection, () => error),
      },
      wantsKeys,
      curve,
    )
    this.#state = { id: 'connected', connection }
    for (const message of waiting) if (message.cast || this.#pending.has(message.id)) this.#send(message)
  }

  #lose(connection: Connection, error: () => Error): void {
    if (this.#state.id !== 'connected' || this.#state.connection !== connection) return
    this.#state = { id: 'idle' }
    this.#rejectAll(error)
  }

  #receive(frames: Buffer[]): void {
    const reply = parse(frames.at(-1))
    const pending = this.#pending.get(String(reply?.id))
    if (!reply || !pending) return // late, or not meant for a call
    if (reply.status === 'error') pending.reject(new ReplyError(reply))
    else pending.resolve(reply as never)
  }

  #rejectAll(error: () => Error): void {
    for (const pending of [...this.#pending.values()]) pending.reject(error())
  }
}

function parse(frame: Buffer | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(String(frame))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
