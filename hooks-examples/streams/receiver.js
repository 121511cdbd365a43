// Shows what comes to two sockets: over HTTP, and the messages of syslog, a line each.
import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import { argv } from 'node:process'
import { createInterface } from 'node:readline'

const [http, syslog] = argv.slice(2).map(Number)

createHttpServer(async (request, response) => {
  for await (const line of createInterface(request))
    console.log(`over HTTP, of ${request.headers['x-watcher']}: ${line}`)
  response.writeHead(204).end()
}).listen({ fd: http })

createServer(async (connection) => {
  for await (const line of createInterface(connection)) console.log(`syslog: ${line}`)
}).listen({ fd: syslog })
