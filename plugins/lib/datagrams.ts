import { createSocket, type Socket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { Writable } from 'node:stream'

/** Where datagrams go. */
export interface DatagramTarget {
  readonly host: string
  readonly port: number
  /** Something stands in the way; called again only when it is something else, or after `onResume`. */
  onFailure(reason: string): void
  /** Nothing does any more. */
  onResume(): void
}

/** Times in milliseconds. */
const pace = {
  /** After a failure nothing is tried for so long. */
  retryMs: 1000,
  /** A name is looked up again after so long: servers move. */
  lookupMs: 60_000,
  /** It works again when nothing came back for so long of what was sent. */
  quietMs: 5000,
}

/** What waits for a name to be looked up, and what the kernel has not taken yet; more than that is dropped. */
const WAITING_BYTES = 65_536

type State =
  | { readonly id: 'idle' }
  | { readonly id: 'opening' }
  | { readonly id: 'open'; readonly socket: Socket; readonly address: string; lookedUp: number }
  | { readonly id: 'pausing'; readonly until: number }
  | { readonly id: 'closed' }

/**
 * Datagrams as a stream: each chunk is one. Nothing here waits, fails or grows: what cannot be sent is dropped, and why
 * is told once. The socket is connected, because only then the kernel tells that nobody listens at the other end.
 */
export class Datagrams extends Writable {
  readonly #target: DatagramTarget
  readonly #pace: typeof pace
  #state: State = { id: 'idle' }
  #waiting: Buffer[] = []
  #waitingBytes = 0
  #failure: string | undefined
  #quiet: NodeJS.Timeout | undefined
  #lookingUp = false

  constructor(target: DatagramTarget, given: Partial<typeof pace> = {}) {
    super()
    this.#target = target
    this.#pace = { ...pace, ...given }
  }

  override _write(written: Buffer, _encoding: string, done: () => void): void {
    // Streams want an end after each line, datagrams need none after the last.
    const chunk = written.at(-1) === 10 ? written.subarray(0, -1) : written
    const now = performance.now()
    if (this.#state.id === 'pausing' && now >= this.#state.until) this.#state = { id: 'idle' }
    switch (this.#state.id) {
      case 'idle':
        this.#keep(chunk)
        void this.#open()
        break
      case 'opening':
        this.#keep(chunk)
        break
      case 'open':
        this.#send(this.#state.socket, chunk)
        if (now - this.#state.lookedUp > this.#pace.lookupMs) void this.#lookUpAgain(this.#state)
        break
      case 'pausing':
      case 'closed':
        break
      default:
        this.#state satisfies never
    }
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const state = this.#state
    this.#state = { id: 'closed' }
    this.#takeWaiting()
    this.#endQuiet()
    if (state.id === 'open') this.#drop(state.socket, { id: 'closed' })
    done(error)
  }

  #keep(chunk: Buffer): void {
    if (this.#waitingBytes + chunk.length > WAITING_BYTES) return
    this.#waiting.push(chunk)
    this.#waitingBytes += chunk.length
  }

  async #open(): Promise<void> {
    this.#state = { id: 'opening' }
    try {
      const { address, family } = await this.#lookUp()
      const socket = await connected(family, this.#target.port, address)
      if (this.#isClosed()) return void socket.close()
      socket.on('error', (error) => this.#fail(error))
      this.#state = { id: 'open', socket, address, lookedUp: performance.now() }
      for (const chunk of this.#takeWaiting()) this.#send(socket, chunk)
    } catch (error) {
      this.#fail(error)
    }
  }

  /** The original asks for IPv4 alone, and servers of its time listen there. */
  #lookUp(): Promise<{ address: string; family: number }> {
    const { host } = this.#target
    return lookup(host, { order: 'ipv4first' })
  }

  async #lookUpAgain(state: State & { id: 'open' }): Promise<void> {
    if (this.#lookingUp || isIP(this.#target.host)) return
    this.#lookingUp = true
    state.lookedUp = performance.now()
    // While a name server is away the old address is as good as any.
    const found = await this.#lookUp().catch(() => undefined)
    this.#lookingUp = false
    if (found && found.address !== state.address && this.#state === state) this.#drop(state.socket, { id: 'idle' })
  }

  #send(socket: Socket, chunk: Buffer): void {
    if (socket.getSendQueueSize() > WAITING_BYTES) this.#fail(new Error('the network does not take it'))
    else socket.send(chunk, (error) => (error ? this.#fail(error) : this.#sent()))
  }

  /** That nobody listens comes back a while after what was sent. */
  #sent(): void {
    if (this.#failure === undefined) return
    this.#quiet ??= setTimeout(() => {
      this.#quiet = undefined
      this.#failure = undefined
      this.#target.onResume()
    }, this.#pace.quietMs).unref()
  }

  #fail(error: unknown): void {
    if (this.#isClosed()) return
    this.#endQuiet()
    this.#takeWaiting()
    const pause: State = { id: 'pausing', until: performance.now() + this.#pace.retryMs }
    if (this.#state.id === 'open') this.#drop(this.#state.socket, pause)
    else this.#state = pause
    const reason = wordsFor(error)
    if (reason === this.#failure) return
    this.#failure = reason
    this.#target.onFailure(reason)
  }

  #drop(socket: Socket, next: State): void {
    this.#state = next
    // What is still under way in it may fail as well.
    socket.removeAllListeners('error').on('error', () => {})
    socket.close()
  }

  #takeWaiting(): Buffer[] {
    const taken = this.#waiting
    this.#waiting = []
    this.#waitingBytes = 0
    return taken
  }

  #endQuiet(): void {
    clearTimeout(this.#quiet)
    this.#quiet = undefined
  }

  #isClosed(): boolean {
    return this.#state.id === 'closed'
  }
}

/** A connected socket that keeps no program alive. */
async function connected(family: number, port: number, address: string): Promise<Socket> {
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4').unref()
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.connect(port, address, () => {
        socket.off('error', reject)
        resolve()
      })
    })
    return socket
  } catch (error) {
    socket.close()
    throw error
  }
}

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  EHOSTUNREACH: 'no way leads there',
  ENETUNREACH: 'no way leads there',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'its name cannot be looked up now',
}

function wordsFor(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  return words[code ?? ''] ?? message
}
