import type { Carrier } from './syslog.ts'

/** Records kept while the host's name is looked up. */
const maxWaiting = 1_000

/**
 * Datagrams over UDP. The host's name is looked up once, so that records keep their order. `onRefused` hears when the host
 * says, of a datagram that was sent, that nobody listens there.
 */
export function udpCarrier(host: string, port: number, onRefused: (error: Error) => void = () => {}): Carrier {
  // Only who logs to the network pays for loading this.
  const { createSocket } = process.getBuiltinModule('node:dgram')
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
  socket.unref()
  let waiting: (() => void)[] | undefined = []
  let unknownHost: Error | undefined
  const flush = () => {
    for (const send of waiting ?? []) send()
    waiting = undefined
  }
  socket.on('error', (error) => !waiting && !unknownHost && onRefused(error))
  socket.connect(port, host, (error?: Error) => {
    unknownHost = error
    flush()
  })
  return {
    send(datagram, done) {
      const send = () => {
        if (unknownHost) return done(unknownHost)
        try {
          socket.send(datagram, done)
        } catch (error) {
          done(error as Error)
        }
      }
      if (!waiting) send()
      else if (waiting.length < maxWaiting) waiting.push(send)
      else done(new Error(`${host} is still being looked up`))
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
