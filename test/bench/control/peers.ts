import { Agent, request } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Ask } from './asker.ts'

/** Supervisor's XML-RPC, over one kept connection to its unix socket. */
export function supervisorAsk(dir: string): { readonly ask: Ask; close(): void } {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const body = '<?xml version="1.0"?><methodCall><methodName>supervisor.getAllProcessInfo</methodName></methodCall>'
  const headers = { 'content-type': 'text/xml', 'content-length': body.length }
  const ask = () =>
    new Promise<void>((resolve, reject) => {
      const asked = request({ agent, socketPath: join(dir, 'supervisor.sock'), path: '/RPC2', method: 'POST', headers })
      asked.on('error', reject).on('response', (response) => response.on('data', () => {}).on('end', resolve))
      asked.end(body)
    })
  return { ask, close: () => agent.destroy() }
}

/** PM2's own RPC: what `pm2 jlist` asks. `home` is where the package is installed. */
export function pm2Ask(home: string, dir: string): { readonly ask: Ask; close(): void } {
  const load = createRequire(join(home, 'node_modules/pm2/package.json'))
  const socket = load('./modules/pm2-axon').socket('req')
  const client = new (load('./modules/pm2-axon-rpc').Client)(socket)
  socket.connect(join(dir, 'pm2/rpc.sock'))
  const ask = () =>
    new Promise<void>((resolve, reject) => {
      client.call('getMonitorData', {}, (error: unknown) => (error ? reject(error) : resolve()))
    })
  return { ask, close: () => socket.close() }
}
