import { type SocketConfig, socketsOf, type WatcherOptions } from '../config/index.ts'
import { KernelError } from '../errors.ts'
import type { Log } from '../log.ts'
import { duplicate } from '../posix/socket.ts'
import { describeAddress } from '../posix/socket-address.ts'
import { type Loan, ManagedSocket, placeOf } from './managed-socket.ts'
import { SocketReads } from './reads.ts'

/** What one process gets: descriptors of the daemon, for as long as the process is being started. */
export interface SocketLoan extends Disposable {
  /** Those that become 3, 4, … in the process, in this order. */
  readonly fds: readonly number[]
  /** Their names, in the same order. */
  readonly names: readonly string[]
  /** What becomes standard input, if anything. */
  readonly stdin: number | null
}

/** Options of a watcher that say which sockets it uses. */
type Use = Pick<WatcherOptions, 'use_sockets' | 'sockets' | 'cmd' | 'args' | 'shell_args' | 'stdin_socket'>

/** The first descriptor after the standard streams. */
export const FIRST_SOCKET_FD = 3

/** The sockets of a daemon. */
export class Sockets {
  /** How often somebody waited at each. */
  readonly reads = new SocketReads(() => this.all)
  readonly #log: Log
  #sockets: ReadonlyMap<string, ManagedSocket> = new Map()
  #closed = false

  constructor(log: Log) {
    this.#log = log.child('sockets')
  }

  /** By name. */
  get all(): ManagedSocket[] {
    return [...this.#sockets.values()]
  }

  /** Bind them all, or none: rejects with `ERR_SOCKET_UNAVAILABLE` of the first that cannot be had. */
  async open(configs: readonly SocketConfig[]): Promise<void> {
    using change = await this.prepare(configs)
    change.apply()
  }

  has(name: string): boolean {
    return this.#sockets.has(name)
  }

  /** Those a watcher's processes inherit, by name, its `stdin_socket` included. */
  usedBy(options: Use): ManagedSocket[] {
    const names = new Set(socketsOf(options as WatcherOptions, [...this.#sockets.keys()]))
    if (options.stdin_socket !== null) names.add(options.stdin_socket.toLowerCase())
    return this.all.filter(({ name }) => names.has(name))
  }

  /** Another descriptor of one, whoever asks is to close it. Throws `ERR_SOCKET_UNAVAILABLE`. */
  descriptor(name: string): number {
    const socket = this.#sockets.get(name.toLowerCase())
    if (!socket) throw new KernelError('ERR_SOCKET_UNAVAILABLE', [name, 'this daemon', 'there is no such section'])
    const { fd } = socket.lend()
    return socket.isShared ? duplicate(fd) : fd
  }

  /** What the next process of a watcher gets. Throws `ERR_SOCKET_UNAVAILABLE`. Dispose of it when the process runs. */
  lend(options: Use): SocketLoan {
    const loans: Loan[] = []
    const release = () => {
      for (const loan of loans.splice(0)) loan.release()
    }
    const lend = (name: string) => {
      const loan = this.#sockets.get(name)!.lend()
      loans.push(loan)
      return loan.fd
    }
    try {
      const names = socketsOf(options as WatcherOptions, [...this.#sockets.keys()])
      const fds = names.map(lend)
      const input = options.stdin_socket?.toLowerCase()
      const stdin = input !== undefined && this.#sockets.has(input) ? lend(input) : null
      return { fds, names, stdin, [Symbol.dispose]: release }
    } catch (error) {
      release()
      throw error
    }
  }

  /**
   * Get ready for another configuration: bind what is new or has moved. Rejects with `ERR_SOCKET_UNAVAILABLE`, and
   * nothing has changed. What is the same stays untouched, with all who wait in its queue.
   */
  async prepare(configs: readonly SocketConfig[]): Promise<SocketChange> {
    const opened: ManagedSocket[] = []
    const next = new Map<string, ManagedSocket>()
    const following: [ManagedSocket, SocketConfig][] = []
    try {
      for (const config of configs.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
        const present = this.#sockets.get(config.name)
        if (present?.canFollow(config)) {
          next.set(config.name, present)
          if (!present.isSameAs(config)) following.push([present, config])
          continue
        }
        if (present?.isAt(config))
          throw new KernelError('ERR_SOCKET_UNAVAILABLE', [config.name, placeOf(config), fixed])
        const socket = await ManagedSocket.open(config)
        opened.push(socket)
        next.set(config.name, socket)
        this.#log.info(`${config.name} at ${describeAddress(socket.address)}`)
      }
    } catch (error) {
      closeAll(opened)
      throw error
    }
    /** Those to close in the end: what was opened for nothing, or what has had its time. */
    let idle = opened
    return {
      apply: () => {
        if (this.#closed) return
        for (const [present, config] of following) next.set(config.name, present.follow(config))
        idle = this.all.filter((socket) => next.get(socket.name) !== socket)
        this.#sockets = next
      },
      [Symbol.dispose]: () => closeAll(idle),
    }
  }

  /** Close them all, for good. */
  close(): void {
    this.#closed = true
    this.reads.stop()
    closeAll(this.all)
    this.#sockets = new Map()
  }
}

function closeAll(sockets: readonly ManagedSocket[]): void {
  for (const socket of sockets) socket.close()
}

const fixed = 'at the same address only backlog and blocking can change; anything else takes a restart of the daemon'

/** A change that can be made now. Dispose of it when nobody needs the old sockets, or when it is not made. */
export interface SocketChange extends Disposable {
  /** From now on processes get the new sockets; not when the daemon has closed them all meanwhile. */
  apply(): void
}
