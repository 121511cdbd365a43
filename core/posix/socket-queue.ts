/** How much waits at a socket, as Linux knows it. */
import { fstatSync } from 'node:fs'
import { close, errno, recv, send, socket, systemError } from './libc.ts'
import { listens, readOption, type SocketType } from './socket.ts'
import type { SocketAddress } from './socket-address.ts'

/** What waits at a socket: connections that nobody has accepted, or the bytes of datagrams that nobody has read. */
export type SocketQueue = { readonly connections: number; readonly limit: number } | { readonly bytes: number }

const SOL_SOCKET = 1
const SO_MEMINFO = 55
const IPPROTO_TCP = 6
const TCP_INFO = 11

/** What waits at a bound socket of the daemon; `null` where that cannot be told. Never throws. */
export function queueOf(fd: number, type: SocketType, family: SocketAddress['family']): SocketQueue | null {
  if (process.platform !== 'linux') return null
  try {
    if (!listens(type)) return { bytes: readOption(fd, SOL_SOCKET, SO_MEMINFO, 36).readUInt32LE(0) }
    if (family === 'AF_UNIX') return askUnixQueue(fstatSync(fd).ino)
    // For a listening socket, `tcpi_unacked` and `tcpi_sacked` are its queue and the limit of it.
    const info = readOption(fd, IPPROTO_TCP, TCP_INFO, 32)
    return { connections: info.readUInt32LE(24), limit: info.readUInt32LE(28) }
  } catch {
    return null
  }
}

/**
 * How much of what was written to a connection has not arrived, in bytes of the kernel's memory: over TCP what was not
 * acknowledged, at a unix socket what was not read. 0 also where that cannot be told. Never throws.
 */
export function undeliveredBytes(fd: number): number {
  if (process.platform !== 'linux') return 0
  try {
    const memory = readOption(fd, SOL_SOCKET, SO_MEMINFO, 36)
    // Of a unix socket SK_MEMINFO_WMEM_ALLOC, of a TCP socket SK_MEMINFO_WMEM_QUEUED as well.
    return memory.readUInt32LE(8) + memory.readUInt32LE(20)
  } catch {
    return 0
  }
}

const AF_NETLINK = 16
const SOCK_RAW_CLOEXEC = 3 | 0o2000000
const NETLINK_SOCK_DIAG = 4
const SOCK_DIAG_BY_FAMILY = 20
const NLM_F_REQUEST = 1
const UDIAG_SHOW_RQLEN = 0x10
const UNIX_DIAG_RQLEN = 4
const HEADER_BYTES = 16

/** No file tells the queue of a unix socket; sock_diag(7) does. */
function askUnixQueue(inode: number): SocketQueue | null {
  const fd = socket(AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_SOCK_DIAG)
  if (fd < 0) throw systemError('socket', 'NETLINK_SOCK_DIAG', errno())
  try {
    const request = Buffer.alloc(HEADER_BYTES + 24)
    request.writeUInt32LE(request.length, 0)
    request.writeUInt16LE(SOCK_DIAG_BY_FAMILY, 4)
    request.writeUInt16LE(NLM_F_REQUEST, 6)
    request.writeUInt8(1, 16) // AF_UNIX
    request.writeUInt32LE(0xffffffff, 20) // any state
    request.writeUInt32LE(inode, 24)
    request.writeUInt32LE(UDIAG_SHOW_RQLEN, 28)
    request.fill(0xff, 32) // any cookie
    if (send(fd, request, request.length, 0) < 0) throw systemError('send', 'sock_diag', errno())
    const answer = Buffer.alloc(1024)
    const length = recv(fd, answer, answer.length, 0)
    if (length < 0) throw systemError('recv', 'sock_diag', errno())
    return readAttributes(answer.subarray(0, length))
  } finally {
    close(fd)
  }
}

/** The queue among the attributes of an answer, which come after its header and `struct unix_diag_msg`. */
function readAttributes(answer: Buffer): SocketQueue | null {
  if (answer.readUInt16LE(4) !== SOCK_DIAG_BY_FAMILY) return null
  for (let at = HEADER_BYTES + 16; at + 4 <= answer.length; ) {
    const [length, type] = [answer.readUInt16LE(at), answer.readUInt16LE(at + 2)]
    if (type === UNIX_DIAG_RQLEN) {
      return { connections: answer.readUInt32LE(at + 4), limit: answer.readUInt32LE(at + 8) }
    }
    at += Math.max((length + 3) & ~3, 4)
  }
  return null
}
