import { setTimeout as sleep } from 'node:timers/promises'
import { CircusClient, type EventSubscriber, findKeys, ReplyError } from '../../core/client.ts'
import { defaultTimeout, type Reply } from './command.ts'

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

/** A daemon, this one's or an original Circus, as the commands of `circusctl` see it. It connects with the first call. */
export class Daemon implements AsyncDisposable {
  readonly endpoint: string
  /** Milliseconds. */
  readonly timeoutMs: number
  readonly #limited: boolean
  readonly #client: CircusClient

  /** @throws ERR_ENDPOINT_INVALID */
  constructor({ endpoint, timeoutMs, key }: Address) {
    this.endpoint = endpoint
    this.timeoutMs = timeoutMs ?? defaultTimeout * 1_000
    this.#limited = timeoutMs !== undefined
    this.#client = new CircusClient({ endpoint, timeoutMs: this.timeoutMs, keys: findKeys(endpoint, key) })
  }

  /** Send a command. Rejects like `CircusClient.call`. */
  call(command: string, properties: Readonly<Record<string, unknown>> = {}): Promise<Reply> {
    return properties.waiting === true && !this.#limited
      ? this.#callWithoutLimit(command, properties)
      : this.#client.call<Reply>(command, properties)
  }

  /** Its events. Resolves when they are on their way; close what it gives. */
  async subscribe(topics: readonly string[]): Promise<EventSubscriber> {
    const { options } = await this.call('globaloptions', { option: 'pubsub_endpoint' })
    const { EventSubscriber } = await import('../../core/client.ts')
    const endpoint = reachable(String(Object(options).pubsub_endpoint), this.endpoint)
    const subscriber = new EventSubscriber({ endpoint, topics, keys: await this.#client.chooseKeys() })
    await subscriber.ready(this.timeoutMs)
    return subscriber
  }

  close(): Promise<void> {
    return this.#client.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Work that is waited for takes as long as it takes; only a daemon that no longer answers ends the wait. */
  async #callWithoutLimit(name: string, properties: object): Promise<Reply> {
    const lost = new AbortController()
    const done = new AbortController()
    const watch = async () => {
      while (!done.signal.aborted) {
        await this.#client.call('numwatchers', {}, { signal: done.signal })
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
      return await this.#client.call<Reply>(name, { ...properties }, { timeoutMs, signal: lost.signal })
    } catch (error) {
      throw failure ?? error
    } finally {
      done.abort()
      await watching
    }
  }
}

/** An endpoint bound to every address is reached at the host where the daemon answers. */
function reachable(events: string, control: string): string {
  const host = /^tcp:\/\/(.+):[^:]+$/.exec(control)?.[1] ?? '127.0.0.1'
  return events.replace(/^tcp:\/\/(\*|0\.0\.0\.0|\[::\]):/, () => `tcp://${host}:`)
}
