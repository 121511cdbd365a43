import assert from 'node:assert/strict'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { test } from 'node:test'
import { Datagrams } from '../../../plugins/lib/datagrams.ts'
import { Recorder } from '../../harness/index.ts'

const fast = { retryMs: 1, quietMs: 20 }

/** Datagrams to a port of this machine, and what they tell. */
class Sender implements Disposable {
  readonly told = new Recorder<string>((words) => words)
  readonly stream: Datagrams
  readonly #sending: NodeJS.Timeout
  #count = 0

  /** Sends all the time. */
  constructor(port: number, host = '127.0.0.1') {
    this.stream = new Datagrams(
      {
        host,
        port,
        onFailure: (reason) => this.told.add(reason),
        onResume: () => this.told.add('resumed'),
      },
      fast,
    )
    this.#sending = setInterval(() => this.stream.write(`${this.#count++}`), 2)
  }

  [Symbol.dispose](): void {
    clearInterval(this.#sending)
    this.stream.destroy()
  }
}

async function listen(port = 0): Promise<Socket> {
  const socket = createSocket('udp4').bind(port, '127.0.0.1')
  await once(socket, 'listening')
  return socket
}

async function close(socket: Socket): Promise<void> {
  socket.close()
  await once(socket, 'close')
}

test('what was written before the name was looked up comes in its order, each in a datagram', async () => {
  const server = await listen()
  const received = new Recorder<string>((text) => text)
  server.on('message', (data) => received.add(String(data)))
  using sender = new Sender(server.address().port, 'localhost')
  for (const text of ['a\nb\n', 'c']) sender.stream.write(text)
  await received.until((text) => text === 'c')
  assert.deepEqual(received.all.slice(0, 2), ['a\nb', 'c'])
  await close(server)
})

test('that nobody listens is told once, and once that somebody does again', async () => {
  const server = await listen()
  const { port } = server.address()
  await close(server)
  using sender = new Sender(port)
  await sender.told.until((words) => words === 'nobody listens there')

  const again = await listen(port)
  await once(again, 'message')
  await sender.told.until((words) => words === 'resumed')
  await close(again)
  await sender.told.until((words) => words === 'nobody listens there', { count: 2 })
  assert.deepEqual(sender.told.all, ['nobody listens there', 'resumed', 'nobody listens there'])
})

test('a name that means nothing is told once, and nothing piles up meanwhile', async () => {
  using sender = new Sender(8125, 'nowhere.invalid')
  const block = Buffer.alloc(1000, 'x')
  for (let i = 0; i < 10_000; i++) sender.stream.write(block)
  assert.equal(sender.stream.writableLength, 0)
  const told = await sender.told.until(() => true)
  assert.match(told, /no such host|cannot be looked up/)
})
