import { BlockList, isIP, isIPv6 } from 'node:net'
import { KernelError } from '../errors.ts'

/** Where a ZeroMQ channel is, taken apart. `text` is what was written. */
export type Endpoint =
  | { readonly transport: 'tcp'; readonly text: string; readonly host: string; readonly port: number | '*' }
  | { readonly transport: 'ipc'; readonly text: string; readonly path: string }
  | { readonly transport: 'inproc'; readonly text: string; readonly name: string }

/** Bytes of a path that fit into a `sockaddr_un`, its closing zero left out. */
const maxSocketPathBytes = process.platform === 'darwin' ? 103 : 107

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8)
loopback.addAddress('::1', 'ipv6')

/**
 * Take an endpoint apart: `tcp://HOST:PORT` (PORT `*` or 0 for any free one, HOST `*` for every address, IPv6
 * in brackets), `ipc://PATH` (`@NAME` for an abstract one), `inproc://NAME`.
 *
 * @param option The configuration's name for it, for the message.
 * @throws ERR_ENDPOINT_INVALID with what is wrong.
 */
export function parseEndpoint(option: string, text: string): Endpoint {
  const wrong = (why: string) => new KernelError('ERR_ENDPOINT_INVALID', [option, String(text), why])
  const [, transport, address] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/s.exec(String(text)) ?? []
  if (transport === undefined || address === undefined) throw wrong(`write ${forms}`)
  if (/[\s\0]/.test(address) && transport !== 'ipc') throw wrong('an address has no blanks')
  switch (transport) {
    case 'tcp':
      return { transport: 'tcp', text, ...parseTcp(address, wrong) }
    case 'ipc': {
      if (address === '' || address === '@' || address === '*') throw wrong('the path of the socket file is missing')
      if (address.includes('\0')) throw wrong('a path has no NUL in it')
      const bytes = Buffer.byteLength(address)
      if (bytes > maxSocketPathBytes)
        throw wrong(`the path has ${bytes} bytes, a socket's path has at most ${maxSocketPathBytes}`)
      return { transport: 'ipc', text, path: address }
    }
    case 'inproc':
      if (address === '') throw wrong('the name is missing')
      return { transport: 'inproc', text, name: address }
    default:
      throw wrong(`no channel speaks ${transport}: write ${forms}`)
  }
}

/**
 * Refuse a tcp endpoint that others than this machine could reach.
 *
 * @param allowInsecure `allow_insecure` in `[circus]`, or CIRCUS_ALLOW_INSECURE=1.
 * @throws ERR_ENDPOINT_INSECURE, ERR_ENDPOINT_INVALID
 */
export function assertSecure(option: string, text: string, allowInsecure: boolean): void {
  const endpoint = parseEndpoint(option, text)
  if (endpoint.transport === 'tcp' && !allowInsecure && !isLoopback(endpoint.host))
    throw new KernelError('ERR_ENDPOINT_INSECURE', [option, text])
}

/** Whether only this machine reaches the host: `localhost`, 127.0.0.0/8 and ::1. Any other name does not count. */
export function isLoopback(host: string): boolean {
  if (host.toLowerCase() === 'localhost') return true
  const version = isIP(host)
  return version !== 0 && loopback.check(host, version === 6 ? 'ipv6' : 'ipv4')
}

const forms = 'tcp://HOST:PORT, ipc://PATH or inproc://NAME'

function parseTcp(address: string, wrong: (why: string) => Error): { host: string; port: number | '*' } {
  const colon = address.lastIndexOf(':')
  if (colon < 0 || address.endsWith(']')) throw wrong('the port is missing: write tcp://HOST:PORT')
  const host = hostOf(address.slice(0, colon), wrong)
  const port = address.slice(colon + 1)
  if (port === '*') return { host, port }
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    throw wrong(`'${port}' is not a port: write a number up to 65535, or * for any free one`)
  return { host, port: port === '0' ? '*' : Number(port) }
}

function hostOf(written: string, wrong: (why: string) => Error): string {
  if (written === '') throw wrong('the host is missing: write 127.0.0.1 or localhost')
  if (written === '*') return written
  const bare = /^\[(.*)\]$/.exec(written)?.[1] ?? written
  if (isIPv6(bare)) return bare
  if (bare !== written || !/^[\w.-]+$/.test(bare)) throw wrong(`'${written}' is not a host`)
  return bare
}
