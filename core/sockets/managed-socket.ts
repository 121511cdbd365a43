import { lookup } from 'node:dns/promises'
import { lstatSync, rmSync } from 'node:fs'
import { isIP } from 'node:net'
import { isDeepStrictEqual } from 'node:util'
import type { SocketConfig, SocketOptions } from '../config/index.ts'
import { KernelError, reasonOf } from '../errors.ts'
import {
  boundAddress,
  closeSocket,
  isStale,
  listenOn,
  listens,
  openSocket,
  type SocketType,
  setBlocking,
  typeOf,
} from '../posix/socket.ts'
import type { SocketAddress } from '../posix/socket-address.ts'
import { handedDown } from './activation.ts'
import { holderOf } from './holder.ts'

/** A descriptor for one process that is about to be started. */
export interface Loan {
  readonly fd: number
  /** To be called once the process has its own copy, or was not started. */
  release(): void
}

/**
 * One socket of the configuration: bound, listening, and never accepted from. With `so_reuseport` every process gets one
 * of its own at the same address, and this one only holds the place.
 */
export class ManagedSocket {
  readonly config: SocketConfig
  /** With the real port. */
  readonly address: SocketAddress
  /** `null`: the daemon itself has none, every process gets its own. */
  readonly fd: number | null
  /** Of one that was handed down: what it is, whatever its section says. */
  readonly type: SocketType
  /** The file of a unix socket, as it was when it was made. */
  readonly #file: string | undefined
  #owned = true

  private constructor(config: SocketConfig, fd: number | null, address: SocketAddress) {
    this.config = config
    this.fd = fd
    this.address = address
    this.type = fd !== null && config.options.fd !== null ? typeOf(fd) : config.options.type
    this.#file = address.family === 'AF_UNIX' && config.options.fd === null ? identityOf(address.path) : undefined
  }

  /** Bind it, and listen. Rejects with `ERR_SOCKET_UNAVAILABLE`, which says where and why. */
  static async open(config: SocketConfig): Promise<ManagedSocket> {
    const { options } = config
    try {
      if (options.fd !== null) return ManagedSocket.#take(config, handedDown(options.fd))
      const address = await resolve(options)
      if (address.family === 'AF_UNIX') clear(address.path, options)
      const fd = openAt(address, options)
      const bound = boundAddress(fd) ?? address
      if (!options.so_reuseport) return new ManagedSocket(config, fd, bound).#listen()
      // As long as it does not listen, it gets no connection; but a datagram socket would get its share of the datagrams.
      if (listens(options.type)) return new ManagedSocket(config, fd, bound)
      closeSocket(fd)
      return new ManagedSocket(config, null, bound)
    } catch (error) {
      const why = reasonOf(error) + (await holder(config, error))
      throw new KernelError('ERR_SOCKET_UNAVAILABLE', [config.name, placeOf(config), why], { cause: error })
    }
  }

  static #take(config: SocketConfig, fd: number): ManagedSocket {
    const address = boundAddress(fd)
    setBlocking(fd, config.options.blocking)
    if (address) return new ManagedSocket(config, fd, address).#listen()
    throw new Error(`descriptor ${fd} has an address of a family that is not supported`)
  }

  /** Closed when it cannot. */
  #listen(): this {
    try {
      if (this.fd !== null && listens(this.type)) listenOn(this.fd, this.config.options.backlog)
      return this
    } catch (error) {
      this.close()
      throw error
    }
  }

  get name(): string {
    return this.config.name
  }

  /** Whether all processes get the same one. */
  get isShared(): boolean {
    return !this.config.options.so_reuseport || this.config.options.fd !== null
  }

  /** A descriptor for one more process. Throws `ERR_SOCKET_UNAVAILABLE` when a fresh socket cannot be had. */
  lend(): Loan {
    const { options } = this.config
    if (this.fd !== null && this.isShared) return { fd: this.fd, release: () => {} }
    try {
      const fd = openAt(this.address, options)
      try {
        if (listens(options.type)) listenOn(fd, options.backlog)
      } catch (error) {
        closeSocket(fd)
        throw error
      }
      return { fd, release: () => closeSocket(fd) }
    } catch (error) {
      throw new KernelError('ERR_SOCKET_UNAVAILABLE', [this.name, placeOf(this.config), reasonOf(error)], {
        cause: error,
      })
    }
  }

  /** Whether another configuration of it is met by what is there. */
  isSameAs({ options }: SocketConfig): boolean {
    return isDeepStrictEqual(options, this.config.options)
  }

  /** Whether it can follow another configuration without being bound anew: nobody in its queue notices. */
  canFollow({ options }: SocketConfig): boolean {
    const { backlog, blocking, replace, ...lasting } = options
    return isDeepStrictEqual({ ...lasting, ...pick(this.config.options) }, this.config.options)
  }

  /** The same socket with another configuration that it can follow; this one is of no use any more. */
  follow(config: SocketConfig): ManagedSocket {
    const { backlog, blocking } = config.options
    if (this.fd !== null && this.isShared) {
      if (listens(this.type)) listenOn(this.fd, backlog)
      setBlocking(this.fd, blocking)
    }
    this.#owned = false
    return new ManagedSocket(config, this.fd, this.address)
  }

  /** Whether another configuration means the same address. */
  isAt({ options }: SocketConfig): boolean {
    const { family, host, port, path, type, fd } = this.config.options
    if (fd !== options.fd || family !== options.family) return false
    if (family === 'AF_UNIX') return path === options.path
    return type === options.type && host === options.host && port === options.port && port !== 0
  }

  /** Close it, and remove the file that it made. */
  close(): void {
    if (!this.#owned) return
    if (this.fd !== null) closeSocket(this.fd)
    const { address } = this
    // What somebody else has put there meanwhile is not ours.
    if (address.family === 'AF_UNIX' && this.#file && identityOf(address.path) === this.#file) {
      rmSync(address.path, { force: true })
    }
  }
}

function openAt(
  address: SocketAddress,
  { type, proto, so_reuseport, interface: device, blocking, umask }: SocketOptions,
) {
  return openSocket({ address, type, proto, reusePort: so_reuseport, interface: device, blocking }, umask)
}

const pick = ({ backlog, blocking, replace }: SocketOptions) => ({ backlog, blocking, replace })

async function resolve({ family, host, port, path }: SocketOptions): Promise<SocketAddress> {
  if (family === 'AF_UNIX') return { family, path: path! }
  const any = family === 'AF_INET6' ? '::' : '0.0.0.0'
  if (host === '' || host === '*') return { family, host: any, port }
  const version = family === 'AF_INET6' ? 6 : 4
  if (isIP(host) === version) return { family, host, port }
  if (isIP(host) !== 0)
    throw new Error(`${host} is not an address of ${family}; say family = AF_INET${version === 6 ? '' : '6'}`)
  const { address } = await lookup(host, { family: version })
  return { family, host: address, port }
}

/** Make room for the file of a unix socket, if that is wanted. */
function clear(path: string, { replace, type }: SocketOptions): void {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (!found) return
  if (!found.isSocket()) throw new Error(`${path} is a file that is not a socket; it is not replaced`)
  if (!replace) {
    const who = isStale(path, type) ? 'nobody listens there any more' : 'somebody listens there'
    throw new Error(`${path} exists already (${who}): remove it, or say replace = true`)
  }
  rmSync(path, { force: true })
}

async function holder({ options }: SocketConfig, error: unknown): Promise<string> {
  if (!/EADDRINUSE/.test(reasonOf(error)) || options.fd !== null) return ''
  const found = holderOf({ address: await resolve(options), datagrams: !listens(options.type) })
  return found ? ` (by ${found})` : ''
}

/** The place of a socket's section, for messages. */
export function placeOf({ origin }: SocketConfig): string {
  return origin.line > 0 ? `${origin.file}:${origin.line}` : origin.file
}

/** An inode's number is soon used again, hence the time it was made. */
function identityOf(file: string): string | undefined {
  const stat = lstatSync(file, { throwIfNoEntry: false, bigint: true })
  return stat && `${stat.dev}:${stat.ino}:${stat.birthtimeNs}`
}
