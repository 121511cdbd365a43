// The server of hooks-examples/sockets, which also listens at a port of its own, for PM2's cluster mode, and ends by PM2's
// signal: node server.js --fd 3, node server.js --port 8080
import { createServer } from 'node:http'
import { Server } from 'node:net'
import process, { argv, pid } from 'node:process'

let stopping = false

const server = createServer((_request, response) => {
  if (stopping) response.setHeader('Connection', 'close')
  response.end(`hello from ${pid}\n`)
})
const [option, number] = argv.slice(2)
if (option === '--fd') server.listen({ fd: Number(number) })
else server.listen(Number(number), '127.0.0.1')

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.on(signal, () => {
    if (stopping) return
    stopping = true
    Server.prototype.close.call(server, () => process.exit())
    setTimeout(() => server.closeIdleConnections(), 1000).unref()
  })
}
