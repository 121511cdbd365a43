import { Connection, type Framing } from './connection.ts'
import { UdpDatagrams, UnixDatagrams } from './datagrams.ts'
import { describeTarget, type Target } from './target.ts'
import { NotAllSent, type Transport } from './transport.ts'

interface Shared {
  readonly transport: Transport
  users: number
  /** The end of the last sending. */
  turn: Promise<unknown>
}

const shared = new Map<string, Shared>()

/**
 * The way to a server, the same one for all streams that go there: so a server has one connection of a daemon, and messages
 * keep their order.
 *
 * @param framing `undefined`: the usual one, by length over TCP and by line ends at a unix socket
 */
export function shareTransport(target: Target, framing: Framing | undefined): Transport {
  const key = `${describeTarget(target)} ${framing}`
  const known = shared.get(key)
  const entry = known ?? { transport: open(target, framing), users: 0, turn: Promise.resolve() }
  shared.set(key, entry)
  entry.users++
  let closed = false
  return {
    send(messages) {
      const turn = entry.turn.then(() => {
        if (closed) throw new NotAllSent(0, new Error('it is closed'))
        return entry.transport.send(messages)
      })
      entry.turn = turn.catch(() => {})
      return turn
    },
    close() {
      if (closed) return
      closed = true
      if (--entry.users > 0) return
      shared.delete(key)
      entry.transport.close()
    },
  }
}

function open(target: Target, framing: Framing | undefined): Transport {
  if (target.via === 'unix') return new UnixSocket(target.path, framing)
  const { host, port } = target
  return target.via === 'udp'
    ? new UdpDatagrams(host, port)
    : new Connection({ host, port }, framing ?? 'octet-counting')
}

/** A unix socket of either kind: which one is found out with the first message, and again after each failure. */
class UnixSocket implements Transport {
  readonly #datagrams: UnixDatagrams
  readonly #connection: Connection
  #listens = false

  constructor(path: string, framing: Framing = 'lf') {
    this.#datagrams = new UnixDatagrams(path)
    this.#connection = new Connection({ path }, framing)
  }

  async send(messages: readonly Buffer[]): Promise<void> {
    const before = this.#listens
    try {
      await (before ? this.#connection : this.#datagrams).send(messages)
    } catch (error) {
      this.#listens = !before && (error as NotAllSent).code === 'EPROTOTYPE'
      if (!this.#listens) throw error
      await this.#connection.send(messages)
    }
  }

  close(): void {
    this.#datagrams.close()
    this.#connection.close()
  }
}
