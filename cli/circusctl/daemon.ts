import { setTimeout as sleep } from 'node:timers/promises'
import {
  CircusClient,
  type EventSubscriber,
  findKeys,
  KernelError,
  type PublishedEvent,
  ReplyError,
} from '../../core/client.ts'
import { defaultTimeout, type Reply } from './command.ts'
import type { SshTunnel } from './ssh.ts'

/** How to reach a daemon. */
export interface Address {
  /** Of its control channel. */
  readonly endpoint: string
  /** Milliseconds to wait for an answer; `undefined`: 5 seconds, and without limit for work that is waited for. */
  readonly timeoutMs: number | undefined
  /** `[USER@]HOST[:PORT]` of the machine where `endpoint` is; the connection goes through the system's `ssh`. */
  readonly ssh?: string | undefined
  /** The private key for `ssh`. */
  readonly sshKeyfile?: string | undefined
  /** The client's key, where a daemon asks for one. */
  readonly key?: string | undefined
}

/** How a daemon is reached now. */
interface Connection {
  readonly client: CircusClient
  readonly tunnel?: SshTunnel
}

/** A daemon, this one's or an original Circus, as the commands of `circusctl` see it. It connects with the first call. */
export class Daemon implements AsyncDisposable {
  readonly endpoint: string
  /** Milliseconds. */
  readonly timeoutMs: number
  /** Whether `ssh` may ask for a password now. Not while something else has the terminal. */
  attended = true
  readonly #limited: boolean
  readonly #address: Address
  /** Made with the first call, and again after a tunnel broke. */
  #connection: Promise<Connection> | undefined
  /** What is left of tunnels that broke. */
  #leftovers: Promise<unknown> = Promise.resolve()
  readonly #closing = new AbortController()

  constructor(address: Address) {
    const { endpoint, timeoutMs } = address
    this.endpoint = endpoint
    this.timeoutMs = timeoutMs ?? defaultTimeout * 1_000
    this.#limited = timeoutMs !== undefined
    this.#address = address
  }

  /** Send a command. Rejects like `CircusClient.call`, or with what `ssh` said. */
  async call(command: string, properties: Readonly<Record<string, unknown>> = {}): Promise<Reply> {
    const { client, tunnel } = await this.#connect()
    const reply =
      properties.waiting === true && !this.#limited
        ? callWithoutLimit(client, command, properties)
        : client.call<Reply>(command, properties)
    return tunnel ? tunnel.guard(reply) : reply
  }

  /** Its events. Resolves when they are on their way; close what it gives. */
  async subscribe(topics: readonly string[]): Promise<EventSubscriber> {
    const { options } = await this.call('globaloptions', { option: 'pubsub_endpoint' })
    const { tunnel } = await this.#connect()
    const subscriber = await this.#subscribe(String(Object(options).pubsub_endpoint), topics, false)
    const ready = subscriber.ready(this.timeoutMs)
    const { promise: closed, reject } = Promise.withResolvers<never>()
    this.#closing.signal.addEventListener('abort', () => reject(new KernelError('ERR_CLIENT_CLOSED', [])), {
      once: true,
    })
    try {
      await Promise.race([tunnel ? tunnel.guard(ready) : ready, closed])
    } catch (error) {
      await subscriber.close()
      throw error
    }
    return subscriber
  }

  /**
   * What is published at another endpoint beside it. It connects in the background, and perhaps nobody is there: nothing comes
   * then. Close what it gives.
   *
   * @throws ERR_ENDPOINT_INVALID
   */
  async listenTo(endpoint: string, topics: readonly string[]): Promise<EventSubscriber> {
    return this.#subscribe(endpoint, topics, true)
  }

  async #subscribe(published: string, topics: readonly string[], mayBeMissing: boolean): Promise<EventSubscriber> {
    const { EventSubscriber } = await import('../../core/client.ts')
    const endpoint = reachable(published, this.endpoint)
    const { client, tunnel } = await this.#connect()
    const here = tunnel ? await tunnel.forward(endpoint, { mayBeMissing }) : endpoint
    const subscriber = new EventSubscriber({ endpoint: here, topics, keys: await client.chooseKeys() })
    void tunnel?.ended.then(() => subscriber.close())
    return subscriber
  }

  /** Its events until `interrupted`. Throws when the connection is lost for good, as one through `ssh` may be. */
  async *follow(topics: readonly string[], interrupted: AbortSignal): AsyncGenerator<PublishedEvent> {
    await using subscriber = await this.subscribe(topics)
    if (interrupted.aborted) return
    interrupted.addEventListener('abort', () => void subscriber.close(), { once: true })
    yield* subscriber
    if (interrupted.aborted) return
    throw new KernelError('ERR_UNREACHABLE', [this.endpoint, 'the connection through ssh has ended'])
  }

  async close(): Promise<void> {
    this.#closing.abort()
    const connection = await this.#connection?.catch(() => undefined)
    await connection?.client.close()
    await connection?.tunnel?.close()
    await this.#leftovers
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #connect(): Promise<Connection> {
    if (this.#closing.signal.aborted) return Promise.reject(new KernelError('ERR_CLIENT_CLOSED', []))
    this.#connection ??= this.#address.ssh === undefined ? this.#connectDirectly() : this.#connectThrough()
    return this.#connection
  }

  async #connectDirectly(): Promise<Connection> {
    return { client: this.#clientAt(this.endpoint) }
  }

  async #connectThrough(): Promise<Connection> {
    try {
      const { SshTunnel, targetOf } = await import('./ssh.ts')
      targetOf(this.endpoint) // before a password is asked for
      const { ssh: server = '', sshKeyfile: keyfile } = this.#address
      const tunnel = await SshTunnel.open({ server, keyfile, timeoutMs: this.timeoutMs, attended: this.attended })
      try {
        const client = this.#clientAt(await tunnel.forward(this.endpoint))
        void tunnel.ended.then(() => {
          this.#connection = undefined
          this.#leftovers = Promise.all([this.#leftovers, client.close(), tunnel.close()])
        })
        return { client, tunnel }
      } catch (error) {
        await tunnel.close()
        throw error
      }
    } catch (error) {
      this.#connection = undefined
      throw error
    }
  }

  #clientAt(endpoint: string): CircusClient {
    const keys = findKeys(this.endpoint, this.#address.key)
    return new CircusClient({ endpoint, timeoutMs: this.timeoutMs, keys })
  }
}

/** Work that is waited for takes as long as it takes; only a daemon that no longer answers ends the wait. */
async function callWithoutLimit(client: CircusClient, name: string, properties: object): Promise<Reply> {
  const lost = new AbortController()
  const done = new AbortController()
  const watch = async () => {
    while (!done.signal.aborted) {
      await client.call('numwatchers', {}, { signal: done.signal })
      await sleep(defaultTimeout * 1_000, undefined, { signal: done.signal })
    }
  }
  let failure: unknown
  const watching = watch().catch((error: unknown) => {
    if (done.signal.aborted || error instanceof ReplyError) return
    failure = error
    lost.abort()
  })
  const timeoutMs = 2 ** 31 - 1 // the longest a timer takes: 24 days
  try {
    return await client.call<Reply>(name, { ...properties }, { timeoutMs, signal: lost.signal })
  } catch (error) {
    throw failure ?? error
  } finally {
    done.abort()
    await watching
  }
}

/** An endpoint bound to every address is reached at the host where the daemon answers. */
function reachable(events: string, control: string): string {
  const host = /^tcp:\/\/(.+):[^:]+$/.exec(control)?.[1] ?? '127.0.0.1'
  return events.replace(/^tcp:\/\/(\*|0\.0\.0\.0|\[::\]):/, () => `tcp://${host}:`)
}
