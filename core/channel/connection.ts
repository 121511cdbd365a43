import { setImmediate } from 'node:timers/promises'
import type { Dealer } from 'zeromq'
import type { KernelError } from '../errors.ts'
import type { ClientKeys } from './curve/key-pair.ts'
import type { Endpoint } from './endpoint.ts'
import { flushAndClose } from './flush.ts'
import { hangUpOfCurve, onRefusal, useKeys } from './handshake.ts'
import { zeromq } from './zeromq.ts'

/** What a connection tells. */
export interface ConnectionListener {
  received(frames: Buffer[]): void
  /** The peer is gone; whatever it had answered was handed over before. Told once, and not after `close`. */
  lost(): void
  /** The daemon does not let this client in. Told in place of `lost`. */
  refused(error: KernelError): void
}

/**
 * One connection of a client, for as long as its peer lives. libzmq would reconnect by itself and then deliver what
 * it still had, however old: a `quit` that was given up long ago. So a connection that breaks is thrown away.
 *
 * It keeps the process alive until it is closed or lost.
 */
export class Connection {
  readonly #dealer: Dealer
  readonly #listener: ConnectionListener
  readonly #transport: Endpoint['transport']
  #hasCast = false
  #ended = false

  /**
   * @param wantsKeys Whether the daemon is known to.
   * @param curve The keys, and the routing id that proves whose they are.
   */
  constructor(
    endpoint: Endpoint,
    listener: ConnectionListener,
    wantsKeys: boolean,
    curve?: { readonly keys: ClientKeys; readonly routingId: string },
  ) {
    const { Dealer } = zeromq()
    this.#listener = listener
    this.#transport = endpoint.transport
    this.#dealer = new Dealer()
    this.#dealer.routingId = curve?.routingId ?? uniqueId()
    this.#dealer.linger = 0
    // A send is done, or has failed, when it returns: none is ever under way when the next begins (EBUSY).
    this.#dealer.sendTimeout = 0
    this.#dealer.sendHighWaterMark = 0
    this.#dealer.receiveHighWaterMark = 0
    this.#dealer.ipv6 = endpoint.transport === 'tcp' && endpoint.host.includes(':')
    if (curve) useKeys(this.#dealer, curve.keys)
    onRefusal(
      this.#dealer,
      endpoint,
      curve?.keys,
      (error) => this.#end(error),
      () => wantsKeys && this.#end(hangUpOfCurve(endpoint, curve?.keys)),
    )
    this.#dealer.events.on('disconnect', () => void this.#drain())
    this.#dealer.connect(endpoint.text)
    void this.#read()
  }

  /** @param cast Nobody waits for a reply, so `close` sees it off. */
  send(text: string, cast: boolean): void {
    if (this.#ended) return
    if (cast) this.#hasCast = true
    this.#dealer.send(text).catch(() => this.#end())
  }

  /** Close once the casts have left, after `limitMs` at most. */
  async close(limitMs: number): Promise<void> {
    this.#ended = true
    await flushAndClose(this.#dealer, this.#transport, this.#hasCast ? limitMs : 0)
  }

  async #read(): Promise<void> {
    while (!this.#dealer.closed) {
      try {
        this.#listener.received(await this.#dealer.receive())
      } catch {
        this.#end()
      }
    }
  }

  /** Replies that came just before the end may still wait to be read. */
  async #drain(): Promise<void> {
    do await setImmediate()
    while (!this.#dealer.closed && this.#dealer.readable)
    await setImmediate()
    this.#end()
  }

  #end(refusal?: KernelError): void {
    if (this.#ended) return
    this.#ended = true
    this.#dealer.close()
    if (refusal) this.#listener.refused(refusal)
    else this.#listener.lost()
  }
}

/** As long as the original's. It is no secret, just nobody else's; node:crypto takes 5 ms to load. */
function uniqueId(): string {
  return Array.from({ length: 4 }, () =>
    Math.floor(Math.random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0'),
  ).join('')
}
