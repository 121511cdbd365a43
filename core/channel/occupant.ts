import { lstatSync } from 'node:fs'
import { dirname } from 'node:path'
import { KernelError } from '../errors.ts'
import type { Endpoint } from './endpoint.ts'
import { parseEndpoint } from './endpoint.ts'
import { probe } from './probe.ts'
import { zeromq } from './zeromq.ts'

/**
 * Make sure that an endpoint can be bound without taking it away from somebody: libzmq replaces whatever file is at
 * an `ipc://` path, a live daemon's socket and a plain file alike. A socket file that nobody listens on is stale and
 * counts as free. Takes about a second at most.
 *
 * @throws ERR_ENDPOINT_IN_USE naming who answers there; ERR_ENDPOINT_INVALID when the path cannot become a socket.
 */
export async function assertFree(option: string, text: string): Promise<void> {
  const endpoint = parseEndpoint(option, text)
  if (endpoint.transport === 'ipc' && !endpoint.path.startsWith('@') && !socketFileExists(option, endpoint)) return
  const found = await probe(endpoint, 500, { greet: true })
  if (found.id === 'open') {
    const who = found.mechanism === 'CURVE' ? 'a daemon that wants a key answers there' : await describe(endpoint)
    throw new KernelError('ERR_ENDPOINT_IN_USE', [option, text, who])
  }
  if (endpoint.transport !== 'ipc') return
  if (found.id === 'unknown' || found.code === 'EAGAIN')
    throw new KernelError('ERR_ENDPOINT_IN_USE', [option, text, 'something listens there and does not answer'])
  if (found.code === 'EACCES' || found.code === 'EPERM')
    throw new KernelError('ERR_ENDPOINT_IN_USE', [option, text, "another user's socket is there"])
}

function socketFileExists(option: string, endpoint: Extract<Endpoint, { transport: 'ipc' }>): boolean {
  const wrong = (why: string) => new KernelError('ERR_ENDPOINT_INVALID', [option, endpoint.text, why])
  try {
    if (!lstatSync(endpoint.path).isSocket()) throw wrong('there is a file that is not a socket; it is not replaced')
    return true
  } catch (error) {
    if (error instanceof KernelError) throw error
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EACCES') throw wrong(`no permission to look into ${dirname(endpoint.path)}`)
    if (code === 'ENOTDIR') throw wrong(`${dirname(endpoint.path)} is not a folder`)
    return false
  }
}

/** Ask whoever listens there for its pid, as any client would, and put the answer into words. */
async function describe(endpoint: Endpoint): Promise<string> {
  const { Dealer } = zeromq()
  const dealer = new Dealer()
  dealer.linger = 0
  dealer.sendTimeout = 0
  dealer.receiveTimeout = 400
  dealer.ipv6 = endpoint.transport === 'tcp' && endpoint.host.includes(':')
  try {
    dealer.connect(connectable(endpoint))
    await dealer.send(JSON.stringify({ id: 'who', command: 'dstats', properties: {} }))
    const frames = await dealer.receive()
    const reply: unknown = JSON.parse(String(frames.at(-1)))
    if (typeof reply !== 'object' || reply === null || !('status' in reply)) return 'another program answers there'
    const pid = (reply as { info?: { pid?: unknown } }).info?.pid
    return `a circusd${typeof pid === 'number' ? ` (pid ${pid})` : ''} answers there`
  } catch {
    return 'another program listens there'
  } finally {
    dealer.close()
  }
}

function connectable(endpoint: Endpoint): string {
  if (endpoint.transport !== 'tcp') return endpoint.text
  if (endpoint.host === '::') return `tcp://[::1]:${endpoint.port}`
  if (endpoint.host === '*' || endpoint.host === '0.0.0.0') return `tcp://127.0.0.1:${endpoint.port}`
  return endpoint.text
}
