/** The layouts of socket addresses, of Linux and of macOS: ip(7), ipv6(7), unix(7), and their BSD relatives. */
import { isIPv6 } from 'node:net'
import { KernelError } from '../errors.ts'
import { errno, interfaceIndex, systemError } from './libc.ts'

/** Where a socket is. */
export type SocketAddress =
  | { readonly family: 'AF_INET' | 'AF_INET6'; readonly host: string; readonly port: number }
  | { readonly family: 'AF_UNIX'; readonly path: string }

const isDarwin = process.platform === 'darwin'

/** Numbers of the families. */
export const familyNumbers = { AF_UNIX: 1, AF_INET: 2, AF_INET6: isDarwin ? 30 : 10 } as const

/** Room for the longest address there is, with a byte to spare. */
export const addressBytes = 129

const pathOffset = 2
/** Of `sun_path`, without its closing zero. */
const maxPathBytes = isDarwin ? 103 : 107

/**
 * The address as the kernel reads it. A host is a number here (`127.0.0.1`, `::1`, `fe80::1%eth0` or `fe80::1%2` with an
 * interface or its index); names were resolved before. Throws `ERR_SYSTEM_CALL` for a path that is too long, or an
 * interface that this machine does not have.
 */
export function encodeAddress(address: SocketAddress): Buffer {
  switch (address.family) {
    case 'AF_UNIX': {
      const path = Buffer.from(address.path)
      if (path.length > maxPathBytes) {
        const why = `the path has ${path.length} bytes, a socket's has at most ${maxPathBytes}`
        throw new KernelError('ERR_SYSTEM_CALL', ['bind', address.path, 'ENAMETOOLONG', why])
      }
      const result = Buffer.alloc(pathOffset + path.length + 1)
      path.copy(result, pathOffset)
      return withFamily(result, address.family)
    }
    case 'AF_INET': {
      const result = Buffer.alloc(16)
      result.writeUInt16BE(address.port, 2)
      for (const [i, part] of address.host.split('.').entries()) result[4 + i] = Number(part)
      return withFamily(result, address.family)
    }
    case 'AF_INET6': {
      const result = Buffer.alloc(28)
      const [host = '', scope] = address.host.split('%')
      result.writeUInt16BE(address.port, 2)
      for (const [i, word] of wordsOf(host).entries()) result.writeUInt16BE(word, 8 + 2 * i)
      // The scope is a number in the order of the machine.
      new Uint32Array(result.buffer, result.byteOffset + 24, 1)[0] = scopeNumber(scope)
      return withFamily(result, address.family)
    }
    default:
      return address satisfies never
  }
}

/** The address in the first `length` bytes of what the kernel wrote; `null` for a family that no socket here has. */
export function decodeAddress(bytes: Buffer, length: number): SocketAddress | null {
  const family = isDarwin ? bytes[1] : new Uint16Array(bytes.buffer, bytes.byteOffset, 1)[0]
  if (family === familyNumbers.AF_UNIX) {
    const path = bytes.subarray(pathOffset, length)
    const end = path.indexOf(0)
    return { family: 'AF_UNIX', path: String(end < 0 ? path : path.subarray(0, end)) }
  }
  const port = bytes.readUInt16BE(2)
  if (family === familyNumbers.AF_INET) return { family: 'AF_INET', host: bytes.subarray(4, 8).join('.'), port }
  if (family !== familyNumbers.AF_INET6) return null
  const words = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(8 + 2 * i).toString(16))
  const scope = new Uint32Array(bytes.buffer, bytes.byteOffset + 24, 1)[0]
  return { family: 'AF_INET6', host: canonical(words.join(':')) + (scope ? `%${scope}` : ''), port }
}

/** An address in words: `127.0.0.1:80`, `[::1]:80`, a path. */
export function describeAddress(address: SocketAddress): string {
  if (address.family === 'AF_UNIX') return address.path
  return address.family === 'AF_INET6' ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`
}

function withFamily(bytes: Buffer, family: keyof typeof familyNumbers): Buffer {
  if (isDarwin) {
    bytes[0] = bytes.length
    bytes[1] = familyNumbers[family]
  } else {
    new Uint16Array(bytes.buffer, bytes.byteOffset, 1)[0] = familyNumbers[family]
  }
  return bytes
}

function scopeNumber(scope: string | undefined): number {
  if (scope === undefined || /^\d+$/.test(scope)) return Number(scope ?? 0)
  const index = interfaceIndex(scope)
  if (index === 0) throw systemError('if_nametoindex', scope, errno())
  return index
}

/** The eight words of an IPv6 address, a closing `1.2.3.4` included. */
function wordsOf(host: string): number[] {
  if (!isIPv6(host)) throw new KernelError('ERR_SYSTEM_CALL', ['bind', host, 'EINVAL', 'it is not an IPv6 address'])
  const [head = '', tail] = canonical(host).split('::')
  const parse = (text: string) =>
    text
      .split(':')
      .filter(Boolean)
      .map((word) => Number.parseInt(word, 16))
  const [before, after] = [parse(head), parse(tail ?? '')]
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after]
}

/** The shortest spelling, without dotted numbers. */
const canonical = (host: string): string => new URL(`http://[${host}]/`).hostname.slice(1, -1)
