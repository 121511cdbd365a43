import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import type { Circus } from '../../core/index.ts'

interface ResponderOptions {
  /** `udp://ADDRESS:PORT`. */
  readonly group: URL
  /** The daemon's control endpoint. */
  readonly endpoint: string
  readonly answersPerSecond: number
  readonly log: Circus['log']
}

/** Answers every datagram of a multicast group with `{"endpoint": …}`, and never throws: what fails is in the log. */
export class Responder {
  readonly #options: ResponderOptions
  readonly #joined = new Set<string>()
  #socket: Socket | undefined
  #lastTrouble = ''
  #second = 0
  #answers = 0

  constructor(options: ResponderOptions) {
    this.#options = options
  }

  /** Listen on every interface there is by now. */
  async listen(): Promise<void> {
    try {
      this.#socket ??= await this.#bind()
    } catch (error) {
      this.#complain(`cannot listen at ${this.#options.group.href}: ${(error as Error).message}`)
      return
    }
    const addresses = ipv4Addresses()
    // What an interface had is gone with it: when it comes back, it is joined again.
    for (const joined of this.#joined) if (!addresses.includes(joined)) this.#joined.delete(joined)
    const failures = addresses.filter((address) => !this.#joined.has(address)).flatMap((address) => this.#join(address))
    if (this.#joined.size === 0)
      this.#complain(`cannot join ${this.#options.group.hostname} anywhere: ${failures.join(', ') || 'no interface'}`)
  }

  close(): void {
    this.#socket?.close()
    this.#socket = undefined
  }

  async #bind(): Promise<Socket> {
    const { port, href } = this.#options.group
    // Several daemons of one machine listen at the same port, and each hears every question.
    const socket = createSocket({ type: 'udp4', reuseAddr: true })
    try {
      socket.bind(Number(port))
      await once(socket, 'listening')
    } catch (error) {
      socket.close()
      throw error
    }
    socket.on('error', (error) => this.#complain(error.message))
    socket.on('message', (_, asker) => void this.#answer(socket, asker))
    socket.unref()
    this.#options.log.info(`listening at ${href}`)
    return socket
  }

  /** Why it failed, if it did. */
  #join(address: string): string[] {
    try {
      this.#socket?.addMembership(this.#options.group.hostname, address)
    } catch (error) {
      // Another address of an interface that is joined already.
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') return [`${address}: ${(error as Error).message}`]
    }
    this.#joined.add(address)
    return []
  }

  async #answer(socket: Socket, asker: RemoteInfo): Promise<void> {
    if (!this.#mayAnswer()) return
    try {
      const endpoint = await reachableFrom(asker, this.#options.endpoint)
      if (socket !== this.#socket) return
      socket.send(JSON.stringify({ endpoint }), asker.port, asker.address, (error) => {
        if (error) this.#complain(`no answer to ${asker.address}: ${error.message}`)
      })
    } catch (error) {
      this.#complain(`no answer to ${asker.address}: ${(error as Error).message}`)
    }
  }

  #mayAnswer(): boolean {
    const second = Math.floor(performance.now() / 1_000)
    if (second !== this.#second) {
      this.#second = second
      this.#answers = 0
    }
    this.#answers++
    if (this.#answers === this.#options.answersPerSecond + 1) this.#complain('too many questions: not all are answered')
    return this.#answers <= this.#options.answersPerSecond
  }

  /** The same thing is not said twice in a row. */
  #complain(trouble: string): void {
    if (trouble !== this.#lastTrouble) this.#options.log.warning(trouble)
    this.#lastTrouble = trouble
  }
}

function ipv4Addresses(): string[] {
  const interfaces = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  return interfaces.filter(({ family }) => family === 'IPv4').map(({ address }) => address)
}

/** An endpoint that is bound to every address is told with the one by which this machine speaks to the asker. */
async function reachableFrom(asker: RemoteInfo, endpoint: string): Promise<string> {
  const everywhere = /^tcp:\/\/(\*|0\.0\.0\.0|\[::\]|::):/
  if (!everywhere.test(endpoint)) return endpoint
  const socket = createSocket('udp4')
  try {
    // Sends nothing: the kernel looks up the route.
    socket.connect(asker.port, asker.address)
    await once(socket, 'connect')
    return endpoint.replace(everywhere, `tcp://${socket.address().address}:`)
  } finally {
    socket.close()
  }
}
