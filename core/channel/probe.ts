import { createConnection } from 'node:net'
import type { Endpoint } from './endpoint.ts'

/**
 * What a plain connection to an endpoint met: `open` something accepts, and with `greet` the security mechanism it
 * speaks (`NULL`, `CURVE`), if it speaks ZeroMQ; `closed` nothing does, and `why` and the system's `code` say it;
 * `unknown` no answer in time.
 */
export type Probe =
  | { readonly id: 'open'; readonly mechanism?: string }
  | { readonly id: 'closed'; readonly code: string; readonly why: string }
  | { readonly id: 'unknown' }

/**
 * Connect to an endpoint and hang up again, because a ZeroMQ socket never says that nobody is there.
 * Never rejects. An `inproc` endpoint, or a port still to be chosen, is `unknown`.
 *
 * @param greet Greet whoever is there, to learn how it wants to be spoken to; what does not greet back within
 * `timeoutMs` is `open` all the same.
 */
export function probe(endpoint: Endpoint, timeoutMs: number, { greet = false } = {}): Promise<Probe> {
  const target = targetOf(endpoint)
  if (target === undefined) return Promise.resolve({ id: 'unknown' })
  return new Promise((resolve) => {
    const socket = createConnection({ ...target, timeout: timeoutMs })
    let connected = false
    let greeting = Buffer.alloc(0)
    const end = (result: Probe) => {
      socket.destroy()
      resolve(result)
    }
    socket.once('connect', () => {
      connected = true
      if (greet) socket.write(beginningOfGreeting)
      else end({ id: 'open' })
    })
    socket.on('data', (bytes) => {
      greeting = Buffer.concat([greeting, bytes])
      if (greeting.length >= mechanismEnd) end({ id: 'open', mechanism: mechanismOf(greeting) })
    })
    socket.once('end', () => end({ id: 'open' }))
    socket.once('timeout', () => end({ id: connected ? 'open' : 'unknown' }))
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (connected) return end({ id: 'open' })
      const code = error.code ?? 'EUNKNOWN'
      end({ id: 'closed', code, why: reasons[code] ?? error.message })
    })
  })
}

/** As much of ZMTP 3's greeting as it takes to get the other side's: signature and version, but no mechanism. */
const beginningOfGreeting = Buffer.from([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 1])
const mechanismStart = 12
const mechanismEnd = 32

function mechanismOf(greeting: Buffer): string | undefined {
  if (greeting[0] !== 0xff || greeting[9] !== 0x7f || greeting[10]! < 3) return undefined
  return greeting.toString('latin1', mechanismStart, mechanismEnd).replace(/\0+$/, '')
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOENT: 'there is no such socket file',
  EACCES: 'permission denied',
  ENOTFOUND: 'no such host',
}

function targetOf(endpoint: Endpoint): { path: string } | { host: string; port: number } | undefined {
  switch (endpoint.transport) {
    case 'inproc':
      return undefined
    case 'ipc':
      return { path: endpoint.path.startsWith('@') ? `\0${endpoint.path.slice(1)}` : endpoint.path }
    case 'tcp': {
      if (endpoint.port === '*') return undefined
      const everywhere = { '*': '127.0.0.1', '0.0.0.0': '127.0.0.1', '::': '::1' } as Record<string, string>
      return { host: everywhere[endpoint.host] ?? endpoint.host, port: endpoint.port }
    }
  }
}
