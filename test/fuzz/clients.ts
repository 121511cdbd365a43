import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Dealer } from 'zeromq'
import type { Random } from './random.ts'

/** Gives the frames of the next message, or `undefined` when there are no more. */
export type Supply = () => Buffer[] | undefined
/** Hears of every reply. */
export type OnReply = (reply: Buffer) => void

/** Requests that a client sends before it waits. */
const window = 8
/** Those that do not wait for replies pause so long for each request: what piles up would only measure how much does. */
const paceMs = 10

function dealer(endpoint: string): Dealer {
  const socket = new Dealer()
  socket.linger = 0
  socket.connect(endpoint)
  return socket
}

/**
 * Reads every reply. Since not everything is answered, it asks something harmless after every few requests, and waits
 * for that answer. Rejects when there is none within half a minute.
 */
export async function patient(endpoint: string, supply: Supply, onReply: OnReply): Promise<void> {
  const socket = dealer(endpoint)
  socket.receiveTimeout = 30_000
  const ask = JSON.stringify({ id: 'in-between', command: 'numwatchers' })
  const answered = async () => {
    for (;;) {
      const reply = (await socket.receive()).at(-1)!
      if (reply.includes('"id":"in-between"')) return
      onReply(reply)
    }
  }
  for (let frames = supply(), sent = 0; frames; frames = supply()) {
    await socket.send(frames)
    if (++sent % window !== 0) continue
    await socket.send(ask)
    await answered()
  }
  await socket.send(ask)
  await answered()
  socket.close()
}

/** Sends some and hangs up, again and again. */
export async function hasty(endpoint: string, supply: Supply, random: Random): Promise<void> {
  for (let frames = supply(); frames; ) {
    const socket = dealer(endpoint)
    let sent = 0
    for (const many = 1 + random.below(40); sent < many && frames; sent++) {
      await socket.send(frames)
      frames = supply()
    }
    await sleep(random.below(2 * paceMs * sent))
    socket.close()
  }
}

/** Never reads a reply. */
export async function deaf(endpoint: string, supply: Supply): Promise<void> {
  const socket = dealer(endpoint)
  socket.receiveHighWaterMark = 1
  socket.sendTimeout = 100
  let sent = 0
  for (let frames = supply(); frames; frames = supply()) {
    await socket.send(frames).catch(() => {})
    if (++sent % 50 === 0) await sleep(50 * paceMs)
  }
  socket.close()
}

/** Speaks no ZeroMQ, or breaks off in the middle of it. */
export async function stranger(path: string, random: Random, goesOn: () => boolean): Promise<void> {
  const greeting = Buffer.from([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 0, ...Buffer.from('NULL')])
  while (goesOn()) {
    const socket = connect(path)
    socket.on('error', () => {})
    const bytes = random.chance(0.5) ? greeting : Buffer.from(Array.from({ length: 64 }, () => random.below(256)))
    socket.write(bytes.subarray(0, random.below(bytes.length + 1)))
    await sleep(10 + random.below(30))
    socket.destroy()
  }
}
