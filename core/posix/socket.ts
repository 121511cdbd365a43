/** The system calls of sockets that a process manager needs and Node lacks: a socket that is bound and never accepts. */
import {
  bind,
  close,
  connect,
  errno,
  fcntl,
  getsockname,
  getsockopt,
  interfaceIndex,
  listen,
  protocolByName,
  setsockopt,
  socket,
  systemError,
} from './libc.ts'
import {
  addressBytes,
  decodeAddress,
  describeAddress,
  encodeAddress,
  familyNumbers,
  type SocketAddress,
} from './socket-address.ts'

/** Kinds of sockets; their numbers are the same everywhere but on Linux for MIPS. */
const socketTypes = { SOCK_STREAM: 1, SOCK_DGRAM: 2, SOCK_RAW: 3, SOCK_RDM: 4, SOCK_SEQPACKET: 5 } as const
export type SocketType = keyof typeof socketTypes

const isDarwin = process.platform === 'darwin'
const SOL_SOCKET = isDarwin ? 0xffff : 1
const SO_REUSEADDR = isDarwin ? 0x0004 : 2
const SO_TYPE = isDarwin ? 0x1008 : 3
const SO_REUSEPORT = isDarwin ? 0x0200 : 15
const SO_BINDTODEVICE = 25
const F_GETFD = 1
const F_SETFD = 2
const F_GETFL = 3
const F_SETFL = 4
const F_DUPFD_CLOEXEC = isDarwin ? 67 : 1030
const FD_CLOEXEC = 1
const O_NONBLOCK = isDarwin ? 0x0004 : 0o4000
const ECONNREFUSED = isDarwin ? 61 : 111

/** What a socket is made of. */
export interface SocketPlan {
  readonly address: SocketAddress
  readonly type: SocketType
  /** The name or number of a protocol; `null`: the usual one. */
  readonly proto: string | number | null
  readonly reusePort: boolean
  /** The network interface it is bound to. */
  readonly interface: string | null
  readonly blocking: boolean
}

/**
 * Make a socket and bind it. It is close-on-exec. Throws `ERR_SYSTEM_CALL` with the call that failed.
 * `umask` is in force for the file of a unix socket.
 */
export function openSocket(plan: SocketPlan, umask: number | null): number {
  const { address, type } = plan
  const what = describeAddress(address)
  const fd = check(
    socket(familyNumbers[address.family], socketTypes[type], protocolNumber(plan.proto)),
    'socket',
    `${type} ${what}`,
  )
  try {
    inheritNothing(fd)
    // Without it the port of a daemon that has just ended could not be had for a minute. Unix sockets do not mind.
    setFlag(fd, SO_REUSEADDR, 'SO_REUSEADDR', what)
    if (plan.reusePort) setFlag(fd, SO_REUSEPORT, 'SO_REUSEPORT', what)
    if (plan.interface !== null) bindToInterface(fd, plan.interface, address.family)
    const bytes = encodeAddress(address)
    const before = umask === null ? undefined : process.umask(umask)
    const result = bind(fd, bytes, bytes.length)
    const number = errno()
    if (before !== undefined) process.umask(before)
    if (result !== 0) throw systemError('bind', what, number)
    setBlocking(fd, plan.blocking)
    return fd
  } catch (error) {
    close(fd)
    throw error
  }
}

/** Whether connections come to sockets of this type, so that they have to listen. */
export const listens = (type: SocketType): boolean => type === 'SOCK_STREAM' || type === 'SOCK_SEQPACKET'

/** Listen; once more to change how many connections may wait. Throws `ERR_SYSTEM_CALL`. */
export function listenOn(fd: number, backlog: number): void {
  check(listen(fd, backlog), 'listen', `fd ${fd}`)
}

/** Another descriptor of the same socket, close-on-exec. Throws `ERR_SYSTEM_CALL`. */
export function duplicate(fd: number): number {
  return check(fcntl(fd, F_DUPFD_CLOEXEC, 3), 'fcntl', `fd ${fd}`)
}

export function closeSocket(fd: number): void {
  close(fd)
}

/** Where a socket is bound: the real port. Throws `ERR_SYSTEM_CALL` for what is no socket. */
export function boundAddress(fd: number): SocketAddress | null {
  const bytes = Buffer.alloc(addressBytes)
  const length: [number] = [bytes.length]
  check(getsockname(fd, bytes, length), 'getsockname', `fd ${fd}`)
  return decodeAddress(bytes, length[0])
}

/** The type of a socket that was handed down. Throws `ERR_SYSTEM_CALL` for what is no socket. */
export function typeOf(fd: number): SocketType {
  const number = readOption(fd, SOL_SOCKET, SO_TYPE, 4).readInt32LE(0)
  return (Object.keys(socketTypes) as SocketType[]).find((type) => socketTypes[type] === number) ?? 'SOCK_STREAM'
}

/** The bytes of a socket's option. Throws `ERR_SYSTEM_CALL`. */
export function readOption(fd: number, level: number, name: number, length: number): Buffer {
  const value = Buffer.alloc(length)
  const size: [number] = [length]
  check(getsockopt(fd, level, name, value, size), 'getsockopt', `fd ${fd}`)
  return value.subarray(0, size[0])
}

/** From now on no program that is started gets this descriptor by itself. */
export function inheritNothing(fd: number): void {
  const flags = check(fcntl(fd, F_GETFD), 'fcntl', `fd ${fd}`)
  check(fcntl(fd, F_SETFD, flags | FD_CLOEXEC), 'fcntl', `fd ${fd}`)
}

/** Whether accepting waits: for everybody who has the socket. */
export function setBlocking(fd: number, blocking: boolean): void {
  const flags = check(fcntl(fd, F_GETFL), 'fcntl', `fd ${fd}`)
  check(fcntl(fd, F_SETFL, blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK), 'fcntl', `fd ${fd}`)
}

/** Whether nobody listens at a unix socket's file: whoever made it is gone. */
export function isStale(path: string, type: SocketType): boolean {
  const fd = socket(familyNumbers.AF_UNIX, socketTypes[type], 0)
  if (fd < 0) return false
  try {
    setBlocking(fd, false)
    const bytes = encodeAddress({ family: 'AF_UNIX', path })
    return connect(fd, bytes, bytes.length) !== 0 && errno() === ECONNREFUSED
  } finally {
    close(fd)
  }
}

function setFlag(fd: number, option: number, name: string, what: string): void {
  const one = Buffer.alloc(4)
  one.writeInt32LE(1)
  check(setsockopt(fd, SOL_SOCKET, option, one, 4), `setsockopt ${name}`, what)
}

function bindToInterface(fd: number, name: string, family: SocketAddress['family']): void {
  if (isDarwin) {
    const index = Buffer.alloc(4)
    index.writeUInt32LE(interfaceIndex(name))
    const [level, option] = family === 'AF_INET6' ? [41, 125] : [0, 25] // IPV6_BOUND_IF, IP_BOUND_IF
    check(setsockopt(fd, level, option, index, 4), 'setsockopt IP_BOUND_IF', name)
    return
  }
  const text = Buffer.from(`${name}\0`)
  check(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, text, text.length), 'setsockopt SO_BINDTODEVICE', name)
}

function protocolNumber(proto: string | number | null): number {
  if (typeof proto === 'number') return proto
  if (proto === null) return 0
  const found = protocolByName(proto)
  if (found) return found.number
  throw systemError('getprotobyname', proto, 93)
}

/** The result of a call, or what went wrong with it. */
function check(result: number, call: string, what: string): number {
  if (result < 0) throw systemError(call, what, errno())
  return result
}
