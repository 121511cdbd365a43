// A web server on a socket that it was handed: node server.js --fd 3
import { createServer } from 'node:http'
import { Server } from 'node:net'
import process, { argv, pid } from 'node:process'

let stopping = false

const server = createServer((_request, response) => {
  // Whoever keeps a connection open is told to make a new one: another process accepts it.
  if (stopping) response.setHeader('Connection', 'close')
  response.end(`hello from ${pid}\n`)
})
// Node listens again, and would make the queue shorter than the daemon has made it.
server.listen({ fd: Number(argv[argv.indexOf('--fd') + 1]), backlog: 2048 })

process.on('SIGTERM', () => {
  stopping = true
  // Not `server.close()`, which hangs up on idle connections, a request to which may be under way.
  Server.prototype.close.call(server, () => process.exit())
  setTimeout(() => server.closeIdleConnections(), 1000).unref()
})
