import { isIP } from 'node:net'

/** Where a redis server is, and who we are there. */
export interface RedisAddress {
  readonly socket:
    | { readonly path: string }
    | { readonly host: string; readonly port: number; readonly tls?: true; readonly servername?: string }
  readonly username?: string
  readonly password?: string
  readonly database?: number
  /** What the log calls it: without any secrets. */
  readonly place: string
}

/**
 * Read a `redis://`, `rediss://` or `unix://` URL as redis-py does: `redis://[[user]:password@]host[:port][/db]`,
 * `unix://[[user]:password@]/path/to/socket[?db=0]`, and `?db=` and `?password=` with all of them. `undefined` when it is none.
 */
export function parseRedisUrl(text: string): RedisAddress | undefined {
  const isUnix = text.startsWith('unix://')
  // A URL has no user without a host.
  const url = URL.parse(isUnix ? text.replace(/^unix:\/\/([^/?#]*@)?\//, 'unix://$1localhost/') : text)
  if (!url || !['unix:', 'redis:', 'rediss:'].includes(url.protocol)) return undefined
  try {
    const given = url.searchParams.get('db') ?? (isUnix ? '' : url.pathname.slice(1))
    const database = Number(given || 0)
    if (!Number.isInteger(database) || database < 0) return undefined
    const username = decodeURIComponent(url.username)
    const password = decodeURIComponent(url.password) || url.searchParams.get('password')
    const where = isUnix ? unixSocket(url) : tcpSocket(url)
    if (!where) return undefined
    return { ...where, ...(username && { username }), ...(password && { password }), ...(database > 0 && { database }) }
  } catch {
    return undefined // a % that begins nothing
  }
}

type Where = Pick<RedisAddress, 'socket' | 'place'>

function unixSocket({ hostname, pathname }: URL): Where | undefined {
  const path = decodeURIComponent(pathname)
  if (hostname !== 'localhost' || path === '/' || path === '') return undefined
  return { socket: { path }, place: `redis at ${path}` }
}

function tcpSocket({ hostname, port: given, protocol }: URL): Where {
  const host = decodeURIComponent(hostname.replace(/^\[(.+)\]$/, '$1')) || 'localhost'
  const port = Number(given || 6379)
  const place = `redis at ${hostname || host}:${port}`
  if (protocol === 'redis:') return { socket: { host, port }, place }
  return { socket: { host, port, tls: true, ...(isIP(host) === 0 && { servername: host }) }, place }
}
