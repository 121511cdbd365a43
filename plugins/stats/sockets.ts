import type { Circus } from '../../core/plugin.ts'

/** A socket as `listsockets` tells it; what a daemon does not tell, an original one say, is absent. */
interface ListedSocket {
  readonly fd: number | null
  readonly name: string
  readonly host?: string
  readonly port?: number
  readonly path?: string
  readonly queue?: number
  readonly queue_limit?: number
  readonly queue_bytes?: number
  readonly reads?: number
}

/** What is published of one socket. */
interface SocketMessage {
  readonly fd: number
  readonly name: string
  readonly address: string
  /** Looks, a hundred in a second, at which somebody waited there. */
  readonly reads: number | 'N/A'
  readonly queue?: number
  readonly queue_limit?: number
  readonly queue_bytes?: number
  readonly subtopic: number
}

/** The sockets of a daemon, as the stats channel tells of them. */
export class SocketStats {
  readonly #circus: Circus
  /** How many there had been when it was last asked, by descriptor. */
  #before = new Map<number, number>()

  constructor(circus: Circus) {
    this.#circus = circus
  }

  /** What is to be published now, by topic; nothing where there are no sockets. */
  async messages(): Promise<[topic: string, payload: object][]> {
    const { sockets } = await this.#circus.call<{ sockets: ListedSocket[] }>('listsockets', { reads: true })
    const messages: [string, object][] = []
    // Of sockets that each process has for itself they are not known: the sum is of the others.
    const total = { addresses: [] as string[], reads: 'N/A' as number | 'N/A' }
    const counts = new Map<number, number>()
    for (const socket of sockets) {
      if (socket.fd === null) continue
      if (socket.reads !== undefined) counts.set(socket.fd, socket.reads)
      const message = this.#message(socket, socket.fd)
      total.addresses.push(message.address)
      if (message.reads !== 'N/A') total.reads = message.reads + (total.reads === 'N/A' ? 0 : total.reads)
      messages.push([`stat.sockets.${socket.fd}`, message])
    }
    this.#before = counts
    if (messages.length > 0) messages.push(['stat.sockets', total])
    return messages
  }

  #message(
    { name, host, port, path, queue, queue_limit, queue_bytes, reads }: ListedSocket,
    fd: number,
  ): SocketMessage {
    // Before the first look somebody else may have asked.
    const before = this.#before.get(fd) ?? reads ?? 0
    return {
      fd,
      name,
      address: path ?? `${host}:${port}`,
      // A socket that has the number of another one has seen less than that.
      reads: reads === undefined ? 'N/A' : reads >= before ? reads - before : reads,
      ...(queue !== undefined && { queue, queue_limit }),
      ...(queue_bytes !== undefined && { queue_bytes }),
      subtopic: fd,
    }
  }
}
