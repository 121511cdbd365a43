import { setTimeout as sleep } from 'node:timers/promises'
import type { Dealer, Router, XPublisher } from 'zeromq'
import type { Endpoint } from './endpoint.ts'

/**
 * Close a socket and resolve once what was sent has left this process, or the time is over. Without waiting it would
 * be lost when `process.exit` follows: only a process that ends by itself waits for libzmq's linger.
 */
export async function flushAndClose(
  socket: Dealer | Router | XPublisher,
  transport: Endpoint['transport'],
  limitMs: number,
): Promise<void> {
  if (socket.closed) return
  if (transport === 'inproc') {
    // What was sent is with its reader already, whose consent the end would wait for.
    socket.close()
    return
  }
  // The last event of a socket comes when libzmq has taken it apart, which is after the linger.
  const ended = new Promise<void>((resolve) => socket.events.on('end', () => resolve()))
  socket.linger = limitMs
  socket.close()
  const patience = new AbortController()
  await Promise.race([ended, sleep(2 * limitMs, undefined, { signal: patience.signal }).catch(() => {})])
  patience.abort()
}
