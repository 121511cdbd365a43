import type { Carrier } from './syslog.ts'

/** Records kept while the host's name is looked up. */
const maxWaiting = 1_000

/** Datagrams over UDP. The host's name is looked up once, so that records keep their order. */
export function udpCarrier(host: string, port: number): Carrier {
  // Only who logs to the network pays for loading this.
  const { createSocket } = process.getBuiltinModule('node:dgram')
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
  socket.unref()
  let waiting: (() => void)[] | undefined = []
  let unknownHost: string | undefined
  const flush = () => {
    for (const send of waiting ?? []) send()
    waiting = undefined
  }
  socket.on('error', () => {}) // each record's own callback hears of it
  socket.connect(port, host, (error?: Error) => {
    unknownHost = error?.message
    flush()
  })
  return {
    send(datagram, failed) {
      const send = () => {
        if (unknownHost) return failed(unknownHost)
        try {
          socket.send(datagram, (error) => error && failed(error.message))
        } catch (error) {
          failed((error as Error).message)
        }
      }
      if (!waiting) send()
      else if (waiting.length < maxWaiting) waiting.push(send)
      else failed(`${host} is still being looked up`)
    },
    close() {
      try {
        socket.close()
      } catch {
        // Closed by an error before.
      }
    },
  }
}
