import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import type { Circus, Pattern } from '../../core/plugin.ts'
import type { Notices } from './notices.ts'

/** Bytes of a datagram that are read, as in the original. */
const MAX_BYTES = 1024
/** Of each second, so many milliseconds at most are spent on reading what datagrams say. */
const BUSY_MS = 100
/** Characters of a datagram that the log shows. */
const SHOWN = 80

/** Where heartbeats are to come in, and what they look like. */
export interface ReceiverOptions {
  readonly ip: string
  readonly port: number
  readonly msg_regex: Pattern
}

/** Receives heartbeats, each a datagram from anybody. */
export class Receiver {
  readonly #pattern: Pattern
  readonly #notices: Notices
  /** Whether a process of that pid is watched. */
  readonly #onPid: (pid: number) => boolean
  #second = 0
  #busyMs = 0
  #overrun = false

  private constructor(pattern: Pattern, notices: Notices, onPid: (pid: number) => boolean) {
    this.#pattern = pattern
    this.#notices = notices
    this.#onPid = onPid
  }

  /** Listen until the plugin ends. Rejects, in words, when that address cannot be had. */
  static async listen(
    { log, signal }: Pick<Circus, 'log' | 'signal'>,
    { ip, port, msg_regex }: ReceiverOptions,
    notices: Notices,
    onPid: (pid: number) => boolean,
  ): Promise<Receiver> {
    const socket = createSocket({ type: isIPv6(ip) ? 'udp6' : 'udp4', recvBufferSize: 1 << 20 })
    try {
      socket.bind({ address: ip, port, exclusive: true })
      await once(socket, 'listening', { signal })
    } catch (error) {
      socket.close()
      throw new Error(refusal(error as NodeJS.ErrnoException, ip, port), { cause: error })
    }
    signal.addEventListener('abort', () => socket.close(), { once: true })
    const receiver = new Receiver(msg_regex, notices, onPid)
    socket.on('message', (data) => receiver.#receive(data))
    socket.on('error', ({ message }) => notices.tell('socket', () => `heartbeats may get lost: ${message}`))
    log.info(`listens for heartbeats at udp://${addressOf(socket)}`)
    return receiver
  }

  /** Whether datagrams were left unread since this was last asked: then silence means nothing. */
  takeOverrun(): boolean {
    const overrun = this.#overrun
    this.#overrun = false
    return overrun
  }

  #receive(data: Buffer): void {
    const began = performance.now()
    if (began - this.#second >= 1000) {
      this.#second = began
      this.#busyMs = 0
    }
    if (this.#busyMs >= BUSY_MS) {
      this.#overrun = true
      this.#notices.tell(
        'flood',
        () => 'more datagrams come than can be read; as long as that goes on nothing is killed',
      )
      return
    }
    this.#read(data.subarray(0, MAX_BYTES).toString())
    this.#busyMs += performance.now() - began
  }

  #read(text: string): void {
    const pid = this.#pidIn(text)
    if (pid === undefined) this.#notices.tell('unreadable', () => `a datagram is no heartbeat: ${shown(text)}`)
    else if (!this.#onPid(pid))
      this.#notices.tell('stranger', () => `a heartbeat is of a process that is not watched: ${pid}`)
  }

  #pidIn(text: string): number | undefined {
    try {
      const pid = this.#pattern.match(text)?.['pid']?.trim() ?? ''
      return /^\d{1,10}$/.test(pid) ? Number(pid) : undefined
    } catch {
      return undefined // ERR_PATTERN_TOO_SLOW
    }
  }
}

const addressOf = (socket: Socket): string => {
  const { address, port } = socket.address()
  return `${isIPv6(address) ? `[${address}]` : address}:${port}`
}

const shown = (text: string): string => JSON.stringify(text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text)

function refusal({ code, message }: NodeJS.ErrnoException, ip: string, port: number): string {
  if (code === 'EADDRINUSE') return `UDP port ${port} of ${ip} is in use by another program: choose another port`
  return `cannot listen at UDP port ${port} of ${ip}: ${message}; choose another ip or port`
}
