// A web server that goes home when nobody asks for anything. It finds its socket as systemd's programs do: LISTEN_FDS
// says how many there are, from descriptor 3 on, and LISTEN_PID that they are meant for this process.
import { createServer } from 'node:http'
import { env, exit, pid } from 'node:process'

if (env.LISTEN_PID !== String(pid)) throw new Error('started without a socket')

const server = createServer((_request, response) => {
  bored.refresh()
  response.setHeader('Connection', 'close').end(`hello from ${pid}, ${env.LISTEN_FDNAMES}\n`)
})
server.listen({ fd: 3 })
const bored = setTimeout(exit, 1000)
