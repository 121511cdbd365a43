import { closeSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Carrier } from './syslog.ts'

const AF_UNIX = 1
const SOCK_DGRAM = 2
const darwin = process.platform === 'darwin'
const SOCK_CLOEXEC = darwin ? 0 : 0o2000000
const MSG_DONTWAIT = darwin ? 0x80 : 0x40

/**
 * Datagrams to a unix socket such as `/dev/log`, which Node cannot open. Each one names the path anew, so a syslog
 * daemon may be restarted. A full receiver does not make anybody wait: the datagram fails.
 */
export function unixDatagramCarrier(path: string): Carrier {
  const address = addressOf(path)
  let fd: number | undefined
  let libc: Libc | undefined
  return {
    send(datagram, done) {
      let error: NodeJS.ErrnoException | undefined
      try {
        libc ??= loadLibc()
        fd ??= libc.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)
        const sent = fd < 0 ? -1 : libc.sendto(fd, datagram, datagram.length, MSG_DONTWAIT, address, address.length)
        if (sent < 0) error = libc.error()
        if (fd < 0) fd = undefined
      } catch (thrown) {
        error = thrown as Error
      }
      done(error)
    },
    close() {
      if (fd !== undefined) closeSync(fd)
      fd = undefined
    },
  }
}

interface Libc {
  socket(domain: number, type: number, protocol: number): number
  sendto(fd: number, bytes: Buffer, length: number, flags: number, address: Buffer, addressLength: number): number
  /** What went wrong with the last call. */
  error(): NodeJS.ErrnoException
}

/** Only who logs to a unix socket pays for loading koffi, and what is broken about it must not keep a log from opening. */
function loadLibc(): Libc {
  const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi')
  const library = koffi.load(null)
  const socket = library.func('int socket(int domain, int type, int protocol)')
  const sendto = library.func(
    'long sendto(int fd, const void *bytes, size_t length, int flags, const void *address, unsigned int size)',
  )
  return {
    socket: (domain, type, protocol) => socket(domain, type, protocol) as number,
    sendto: (...args) => Number(sendto(...args)),
    error() {
      const number = koffi.errno()
      // Importing node:util costs 4 ms at each start.
      const code = process.getBuiltinModule('node:util').getSystemErrorName(-number)
      return Object.assign(new Error(code === 'ENOENT' ? 'no such socket' : code), { code })
    },
  }
}

/** A `sockaddr_un`; on macOS it begins with its own length. */
function addressOf(path: string): Buffer {
  const name = Buffer.from(`${path}\0`)
  const head = Buffer.alloc(2)
  if (darwin) head.set([2 + name.length, AF_UNIX])
  else head[process.arch === 's390x' ? 1 : 0] = AF_UNIX
  return Buffer.concat([head, name])
}
