import { lookup } from 'node:dns/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { type SyslogCarrier, udpCarrier, unixDatagramCarrier } from '../../../core/index.ts'
import { NotAllSent, type Transport } from './transport.ts'

/** How long to wait, in milliseconds, for a receiver whose queue is full: at first, and at the most. */
const FIRST_PAUSE_MS = 1
const LONGEST_PAUSE_MS = 50
/** How long to wait, in milliseconds, for the word that nobody listens. */
const REFUSAL_MS = 100

/** One message in each datagram, to a unix socket. A receiver that is slow is waited for. */
export class UnixDatagrams implements Transport {
  readonly #carrier: SyslogCarrier
  #closed = false

  constructor(path: string) {
    this.#carrier = unixDatagramCarrier(path)
  }

  async send(messages: readonly Buffer[]): Promise<void> {
    for (const [sent, message] of messages.entries()) {
      for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
        const error = await carry(this.#carrier, message)
        if (!error) break
        if (this.#closed || (error.code !== 'EAGAIN' && error.code !== 'ENOBUFS')) throw new NotAllSent(sent, error)
        await sleep(pauseMs)
      }
    }
  }

  close(): void {
    this.#closed = true
    this.#carrier.close()
  }
}

/** One message in each datagram, to a host. Whether it arrives cannot be known, only, from some hosts, that nobody listens. */
export class UdpDatagrams implements Transport {
  readonly #host: string
  readonly #port: number
  #carrier: SyslogCarrier | undefined
  #refused: Error | undefined
  /** The server may not be there: wait whether the next message is refused before the others follow. */
  #doubtful = true
  #closed = false

  constructor(host: string, port: number) {
    this.#host = host
    this.#port = port
  }

  async send(messages: readonly Buffer[]): Promise<void> {
    let sent = 0
    try {
      if (this.#closed) throw new Error('it is closed')
      // Looked up anew after each failure: a server may have moved.
      this.#carrier ??= await this.#open()
      for (const message of messages) {
        if (this.#refused) throw this.#refused
        const error = await carry(this.#carrier, message)
        if (error) throw error
        if (this.#doubtful) await this.#awaitRefusal()
        sent++
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EMSGSIZE') this.#drop()
      throw new NotAllSent(sent, error)
    }
  }

  close(): void {
    this.#closed = true
    this.#drop()
  }

  async #open(): Promise<SyslogCarrier> {
    const { address } = await lookup(this.#host)
    return udpCarrier(address, this.#port, (error) => {
      this.#refused = error
    })
  }

  async #awaitRefusal(): Promise<void> {
    await sleep(REFUSAL_MS)
    if (this.#refused) throw this.#refused
    this.#doubtful = false
  }

  #drop(): void {
    this.#carrier?.close()
    this.#carrier = undefined
    this.#refused = undefined
    this.#doubtful = true
  }
}

/** Resolves to what went wrong, if anything. */
const carry = (carrier: SyslogCarrier, message: Buffer): Promise<NodeJS.ErrnoException | null | undefined> =>
  new Promise((resolve) => carrier.send(message, resolve))
