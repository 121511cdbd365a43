import { randomUUID } from 'node:crypto'
import { Dealer } from 'zeromq'

/**
 * What the original's client puts on the wire: a DEALER with a 32-character identity that sends one frame of JSON and
 * reads one. A test that waits for a reply in vain fails after five seconds.
 */
export function rawClient(endpoint: string, identity = randomUUID().replaceAll('-', '')) {
  const dealer = new Dealer()
  dealer.linger = 0
  dealer.routingId = identity
  dealer.receiveTimeout = 5_000
  dealer.sendHighWaterMark = 0
  dealer.receiveHighWaterMark = 0
  dealer.connect(endpoint)
  return {
    send: (...frames: (string | Buffer)[]) => dealer.send(frames),
    async receive(): Promise<Record<string, unknown>> {
      const frames = await dealer.receive()
      return JSON.parse(String(frames.at(-1))) as Record<string, unknown>
    },
    receiveFrames: () => dealer.receive(),
    async ask(request: object): Promise<Record<string, unknown>> {
      await dealer.send(JSON.stringify(request))
      return this.receive()
    },
    close: () => dealer.close(),
    [Symbol.dispose]: () => dealer.close(),
  }
}
