// Answers one connection on descriptor 3 with one byte, and ends.
import { createServer } from 'node:net'

const server = createServer((connection) => {
  server.close()
  connection.end('x')
})
server.listen({ fd: 3 })
