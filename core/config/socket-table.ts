import { boolean, integer, type Kind, octal, oneOf, optional, text } from './kind.ts'
import type { OptionTable } from './table.ts'
import type { SocketOptions } from './types.ts'

const proto: Kind<string | number> = {
  expected: 'the name or number of a protocol, like tcp or 6',
  read: (raw) => integer(0, 255).read(raw) ?? (/^[a-z][\w.+-]*$/i.test(String(raw)) ? String(raw) : undefined),
}

const handedDown: Kind<string | number> = {
  expected: 'the number of a descriptor from 3, or its name in LISTEN_FDNAMES',
  read: (raw) => {
    if (typeof raw === 'number' || /^\d+$/.test(String(raw).trim())) return integer(3).read(raw)
    return text.read(raw)?.trim()
  },
}

/** Every option of `[socket:NAME]`: how it is read, its default, and what it is for. */
export const socketTable: OptionTable<SocketOptions> = {
  host: { kind: text, default: 'localhost', doc: 'address to listen on' },
  port: { kind: integer(0, 65535), default: 8080, doc: 'port to listen on; 0 = any free one' },
  family: { kind: oneOf('AF_INET', 'AF_INET6', 'AF_UNIX'), default: 'AF_INET', doc: 'AF_UNIX when there is a path' },
  type: {
    kind: oneOf('SOCK_STREAM', 'SOCK_DGRAM', 'SOCK_SEQPACKET', 'SOCK_RAW', 'SOCK_RDM'),
    default: 'SOCK_STREAM',
    doc: 'kind of socket',
  },
  proto: { kind: optional(proto), default: null, doc: 'protocol; the usual one of family and type by default' },
  path: { kind: optional(text), default: null, doc: 'file of a unix socket' },
  umask: { kind: optional(octal), default: null, doc: 'file mode mask of a unix socket' },
  replace: { kind: boolean, default: false, doc: 'an existing file at path is replaced' },
  backlog: { kind: integer(0), default: 2048, doc: 'connections that may wait' },
  so_reuseport: { kind: boolean, default: false, doc: 'a fresh socket for each process that uses it' },
  interface: { kind: optional(text), default: null, doc: 'network interface to bind to' },
  blocking: { kind: boolean, default: false, doc: 'accepting blocks' },
  fd: { kind: optional(handedDown), default: null, doc: 'take this socket, which the daemon was started with' },
}
