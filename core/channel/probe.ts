import { createConnection } from 'node:net'
import type { Endpoint } from './endpoint.ts'

/**
 * What a plain connection to an endpoint met: `open` something accepts; `closed` nothing does, and `why` and the
 * system's `code` say it; `unknown` no answer in time.
 */
export type Probe =
  | { readonly id: 'open' }
  | { readonly id: 'closed'; readonly code: string; readonly why: string }
  | { readonly id: 'unknown' }

/**
 * Connect to an endpoint and hang up again, because a ZeroMQ socket never says that nobody is there.
 * Never rejects. An `inproc` endpoint, or a port still to be chosen, is `unknown`.
 */
export function probe(endpoint: Endpoint, timeoutMs: number): Promise<Probe> {
  const target = targetOf(endpoint)
  if (target === undefined) return Promise.resolve({ id: 'unknown' })
  return new Promise((resolve) => {
    const socket = createConnection({ ...target, timeout: timeoutMs })
    const end = (result: Probe) => {
      socket.destroy()
      resolve(result)
    }
    socket.once('connect', () => end({ id: 'open' }))
    socket.once('timeout', () => end({ id: 'unknown' }))
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const code = error.code ?? 'EUNKNOWN'
      end({ id: 'closed', code, why: reasons[code] ?? error.message })
    })
  })
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
