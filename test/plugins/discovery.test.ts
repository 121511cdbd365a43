import assert from 'node:assert/strict'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { test } from 'node:test'
import { startArbiter, untilTrue } from '../harness/index.ts'

const group = '237.219.251.97'

/** A socket that hears answers, and asks over loopback. */
async function asker(): Promise<{ readonly socket: Socket; readonly answers: string[] } & Disposable> {
  const socket = createSocket('udp4')
  const answers: string[] = []
  socket.on('message', (data) => answers.push(String(data)))
  socket.bind(0)
  await once(socket, 'listening')
  socket.setMulticastInterface('127.0.0.1')
  return { socket, answers, [Symbol.dispose]: () => socket.close() }
}

/** A port that nobody has: the kernel gives each out once. */
async function freePort(): Promise<number> {
  const socket = createSocket('udp4')
  socket.bind(0)
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  return port
}

test('any datagram to the multicast endpoint is answered with the control endpoint', async () => {
  const port = await freePort()
  await using running = await startArbiter(`[circus]\nmulticast_endpoint = udp://${group}:${port}`)
  using asking = await asker()
  asking.socket.send('anything', port, group)
  await untilTrue(() => asking.answers.length > 0, 'an answer')
  assert.deepEqual(JSON.parse(asking.answers[0]!), { endpoint: running.arbiter.endpoints.control })
})

test('a daemon on every address is told with the one that the asker reaches', async () => {
  const port = await freePort()
  await using running = await startArbiter(
    `[circus]\nendpoint = tcp://*:*\nallow_insecure = true\nmulticast_endpoint = udp://${group}:${port}`,
  )
  using asking = await asker()
  asking.socket.send('', port, '127.0.0.1')
  await untilTrue(() => asking.answers.length > 0, 'an answer')
  const told = new URL(JSON.parse(asking.answers[0]!).endpoint)
  assert.equal(told.hostname, '127.0.0.1')
  assert.equal(told.port, new URL(running.arbiter.endpoints.control).port)
})

for (const isolate of [false, true]) {
  test(`[plugin:discovery] listens where it is told to${isolate ? ', in a process of its own' : ''}`, async () => {
    const port = await freePort()
    await using running = await startArbiter(
      `[plugin:discovery]\nmulticast_endpoint = udp://${group}:${port}\nisolate = ${isolate}`,
    )
    using asking = await asker()
    await untilTrue(() => {
      if (asking.answers.length === 0) asking.socket.send('?', port, group)
      return asking.answers.length > 0
    }, 'an answer')
    assert.deepEqual(JSON.parse(asking.answers[0]!), { endpoint: running.arbiter.endpoints.control })
  })
}

test('several daemons of one machine all answer', async () => {
  const port = await freePort()
  const ini = `[circus]\nmulticast_endpoint = udp://${group}:${port}`
  await using one = await startArbiter(ini)
  await using other = await startArbiter(ini)
  using asking = await asker()
  asking.socket.send('?', port, group)
  await untilTrue(() => asking.answers.length > 1, 'two answers')
  assert.deepEqual(
    new Set(asking.answers.map((answer) => JSON.parse(answer).endpoint)),
    new Set([one, other].map(({ arbiter }) => arbiter.endpoints.control)),
  )
})

test('of a flood of questions only so many a second are answered', async () => {
  const port = await freePort()
  await using running = await startArbiter(
    `[plugin:discovery]\nmulticast_endpoint = udp://${group}:${port}\nanswers_per_second = 3`,
  )
  using asking = await asker()
  for (let count = 0; count < 200; count++) asking.socket.send('?', port, group)
  await running.log.record(/too many questions/)
  assert.equal((await running.client.call('numwatchers'))['numwatchers'], 0)
  assert.ok(asking.answers.length < 200, `${asking.answers.length} answers`)
})

test('a port that another program keeps to itself is told in the log, and the daemon starts', async () => {
  using taken = await asker()
  const { port } = taken.socket.address()
  await using running = await startArbiter(`[circus]\nmulticast_endpoint = udp://${group}:${port}`)
  assert.equal(running.log.matching(/discovery: cannot listen at .*EADDRINUSE/).length, 1)
})

test('it hears nothing any more once the daemon has stopped', async () => {
  const port = await freePort()
  {
    await using _running = await startArbiter(`[circus]\nmulticast_endpoint = udp://${group}:${port}`)
  }
  const socket = createSocket('udp4')
  socket.bind(port)
  await once(socket, 'listening')
  socket.close()
})
