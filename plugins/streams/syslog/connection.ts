import { once } from 'node:events'
import { connect, type NetConnectOpts, type Socket } from 'node:net'
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { undeliveredBytes } from '../../../core/index.ts'
import { RecentData } from './recent-data.ts'
import { NotAllSent, type Transport } from './transport.ts'

/** How messages are told apart on a connection (RFC 6587): by their length before each, or by a line end after each. */
export type Framing = 'octet-counting' | 'lf'

/** So much is handed over at a time; of what fails, all of it comes again. */
const CHUNK_BYTES = 256 * 1024
const CONNECTING_MS = 10_000
/** A server that takes nothing for so long is given up, in milliseconds. */
const PATIENCE_MS = 30_000
/** How a connection ends whose other side has not read everything. */
const RESET: readonly unknown[] = ['ECONNRESET', 'EPIPE']
/** How long to wait, in milliseconds, before it is looked again whether all has arrived: at the most. */
const LONGEST_PAUSE_MS = 20

/** Messages on a connection, made when there is something to send and it is not there. */
export class Connection implements Transport {
  readonly #to: NetConnectOpts
  readonly #framing: Framing
  #socket: Socket | undefined
  #recent = new RecentData()
  /** What was handed over, and perhaps not read. */
  #again: Buffer[] = []
  #closed = false

  constructor(to: NetConnectOpts, framing: Framing) {
    this.#to = to
    this.#framing = framing
  }

  async send(messages: readonly Buffer[]): Promise<void> {
    let sent = 0
    try {
      while (sent < messages.length) {
        const socket = this.#socket ?? (await this.#connect())
        if (this.#again.length > 0) {
          await this.#handOver(socket, Buffer.concat(this.#again))
          this.#again = []
          continue
        }
        const chunk = takeChunk(messages, sent)
        await this.#handOver(socket, this.#framed(chunk))
        sent += chunk.length
      }
    } catch (error) {
      this.#socket?.destroy()
      throw new NotAllSent(sent, error)
    }
  }

  close(): void {
    this.#closed = true
    this.#socket?.end()
    this.#socket?.unref()
  }

  async #connect(): Promise<Socket> {
    if (this.#closed) throw new Error('it is closed')
    const socket = connect(this.#to)
    // Whoever waits hears of it by `close`.
    socket.on('error', () => {})
    const timer = setTimeout(() => socket.destroy(new Error('no connection within 10 seconds')), CONNECTING_MS)
    try {
      await once(socket, 'connect')
    } finally {
      clearTimeout(timer)
    }
    this.#socket = socket
    const gone = () => {
      if (this.#socket === socket) this.#socket = undefined
    }
    // A syslog server says nothing. What it says is read all the same, so that its end is noticed.
    socket.resume().setKeepAlive(true, 60_000).setNoDelay(true)
    socket.once('end', () => {
      gone()
      socket.destroy(new Error('the server has closed the connection'))
    })
    socket.once('close', () => {
      gone()
      const { code } = (socket.errored ?? {}) as NodeJS.ErrnoException
      if (RESET.includes(code) && this.#again.length === 0) this.#again = this.#recent.all
      this.#recent = new RecentData()
    })
    return socket
  }

  async #handOver(socket: Socket, data: Buffer): Promise<void> {
    await handOver(socket, data)
    this.#recent.add(data)
  }

  #framed(messages: readonly Buffer[]): Buffer {
    const lf = Buffer.from('\n')
    return Buffer.concat(
      messages.flatMap((message) =>
        this.#framing === 'lf' ? [withoutNul(message), lf] : [Buffer.from(`${message.length} `), message],
      ),
    )
  }
}

/** Some receivers take NUL for an end as well. */
const withoutNul = (message: Buffer): Buffer =>
  message.includes(0) ? Buffer.from(message.map((byte) => (byte === 0 ? 0x20 : byte))) : message

function takeChunk(messages: readonly Buffer[], from: number): readonly Buffer[] {
  let bytes = 0
  let to = from
  do bytes += messages[to++]!.length
  while (to < messages.length && bytes + messages[to]!.length <= CHUNK_BYTES)
  return messages.slice(from, to)
}

/** Resolves when the other side has all of it. */
async function handOver(socket: Socket, data: Buffer): Promise<void> {
  const { promise: broken, reject } = Promise.withResolvers<never>()
  const onClose = () => reject(socket.errored ?? new Error('the connection was closed'))
  socket.once('close', onClose)
  const timer = setTimeout(() => socket.destroy(new Error('the server takes nothing')), PATIENCE_MS)
  try {
    if (socket.destroyed) throw socket.errored ?? new Error('the connection was closed')
    await Promise.race([new Promise<void>((resolve) => socket.write(data, () => resolve())), broken])
    await Promise.race([delivered(socket), broken])
  } finally {
    clearTimeout(timer)
    socket.off('close', onClose)
    broken.catch(() => {})
  }
}

async function delivered(socket: Socket): Promise<void> {
  for (let pauseMs = 0; !socket.destroyed; pauseMs = Math.min(2 * pauseMs + 1, LONGEST_PAUSE_MS)) {
    const left = undeliveredBytes(fdOf(socket))
    // A connection that breaks leaves nothing behind either: two turns on it is known.
    await turn()
    await turn()
    if (left === 0) break
    if (pauseMs > 1) await sleep(pauseMs)
  }
  if (socket.destroyed) throw socket.errored ?? new Error('the connection was closed')
}

/** Node has no public name for it. */
const fdOf = (socket: Socket): number =>
  (socket as unknown as { readonly _handle: { readonly fd: number } | null })._handle?.fd ?? -1
