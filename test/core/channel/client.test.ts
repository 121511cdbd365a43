import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { test } from 'node:test'
import { CircusClient } from '../../../core/channel/client.ts'
import { Controller, type Dispatch } from '../../../core/channel/controller.ts'
import { ReplyError } from '../../../core/channel/reply-error.ts'
import { KernelError } from '../../../core/errors.ts'
import { makePlace, memoryLog, type Transport, transports } from './place.ts'

async function serve(transport: Transport, dispatch: Dispatch) {
  const place = await makePlace()
  const controller = new Controller({ endpoint: place.endpoint(transport), dispatch, log: memoryLog() })
  const endpoint = await controller.bind()
  const client = new CircusClient({ endpoint })
  return {
    controller,
    endpoint,
    client,
    async [Symbol.asyncDispose]() {
      await client.close()
      await controller.close()
      await place[Symbol.asyncDispose]()
    },
  }
}

const never = new Promise<never>(() => {})

for (const transport of transports) {
  test(`${transport}: a call resolves to the reply`, async () => {
    await using server = await serve(transport, ({ properties }) => ({ numprocesses: properties.nb }))
    const reply = await server.client.call<{ numprocesses: number }>('incr', { name: 'web', nb: 3 })
    assert.equal(reply.numprocesses, 3)
  })

  test(`${transport}: an error reply rejects with its parts`, async () => {
    await using server = await serve(transport, () => {
      throw new KernelError('ERR_WATCHER_EXISTS', ['web'])
    })
    const error = await server.client.call('add').catch((error: unknown) => error)
    assert.ok(error instanceof ReplyError)
    assert.equal(error.errno, 5)
    assert.equal(error.code, 'ERR_WATCHER_EXISTS')
    assert.equal(error.reason, error.message)
    assert.equal(error.reply.status, 'error')
  })

  test(`${transport}: two thousand calls at once get their own replies, in whatever order`, async () => {
    await using server = await serve(transport, async ({ properties }) => {
      if (Number(properties.n) % 3 === 0) await new Promise(setImmediate)
      return { n: properties.n }
    })
    const calls = Array.from({ length: 2_000 }, (_, n) => server.client.call('x', { n }))
    for (const [n, reply] of (await Promise.all(calls)).entries()) assert.equal(reply.n, n)
  })

  test(`${transport}: a call gives up in time, or when told, and its late reply harms no other`, async () => {
    const late = Promise.withResolvers<Record<string, unknown>>()
    await using server = await serve(transport, ({ command }) => (command === 'slow' ? late.promise : { command }))
    await assert.rejects(server.client.call('slow', {}, { timeoutMs: 30 }), { code: 'ERR_CALL_TIMEOUT' })
    const controller = new AbortController()
    const call = server.client.call('slow', {}, { signal: controller.signal })
    await server.client.call('fast')
    controller.abort()
    await assert.rejects(call, { code: 'ERR_CALL_ABORTED' })
    await assert.rejects(server.client.call('x', {}, { signal: controller.signal }), { code: 'ERR_CALL_ABORTED' })
    late.resolve({ late: true })
    assert.equal((await server.client.call('fast')).command, 'fast')
  })

  test(`${transport}: casts followed at once by close are delivered`, async () => {
    const seen: unknown[] = []
    const all = Promise.withResolvers<void>()
    await using server = await serve(transport, ({ properties, cast }) => {
      assert.ok(cast)
      if (seen.push(properties.n) === 100) all.resolve()
      return {}
    })
    for (let n = 0; n < 100; n++) server.client.cast('x', { n })
    await server.client.close()
    await all.promise
    assert.deepEqual(
      seen,
      Array.from({ length: 100 }, (_, n) => n),
    )
  })

  test(`${transport}: close rejects the calls under way and every later one`, async () => {
    await using server = await serve(transport, () => never)
    const call = server.client.call('slow')
    const closed = assert.rejects(call, { code: 'ERR_CLIENT_CLOSED' })
    await server.client.close()
    await closed
    await assert.rejects(server.client.call('x'), { code: 'ERR_CLIENT_CLOSED' })
    assert.throws(() => server.client.cast('x'), { code: 'ERR_CLIENT_CLOSED' })
    await server.client.close()
  })
}

for (const transport of ['tcp', 'ipc'] as const) {
  test(`${transport}: a daemon that goes away ends the calls under way, and a client outlives its restart`, async () => {
    const asked = Promise.withResolvers<void>()
    await using server = await serve(transport, () => {
      asked.resolve()
      return never
    })
    const call = assert.rejects(server.client.call('slow'), { code: 'ERR_UNREACHABLE' })
    await asked.promise
    await server.controller.close()
    await call
    await assert.rejects(server.client.call('stale'), { code: 'ERR_UNREACHABLE' })

    const seen: string[] = []
    const dispatch: Dispatch = ({ command }) => {
      seen.push(command)
      return { life: 2 }
    }
    const next = new Controller({ endpoint: server.endpoint, dispatch, log: memoryLog() })
    await next.bind()
    try {
      assert.equal((await server.client.call('fresh')).life, 2)
      assert.deepEqual(seen, ['fresh'])
    } finally {
      await next.close()
    }
  })

  test(`${transport}: the last reply of a daemon that goes away is not lost`, async () => {
    for (let round = 0; round < 50; round++) {
      await using server = await serve(transport, () => {
        void server.controller.close()
        return { bye: round }
      })
      assert.equal((await server.client.call('quit')).bye, round)
    }
  })
}

test('nobody there is said in well under a second', async () => {
  await using place = await makePlace()
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  for (const endpoint of [`tcp://127.0.0.1:${port}`, `ipc://${place.path('none')}`]) {
    await using client = new CircusClient({ endpoint })
    const before = performance.now()
    client.cast('lost')
    await assert.rejects(client.call('x'), { code: 'ERR_UNREACHABLE' })
    await assert.rejects(Promise.all([client.call('x'), client.call('y')]), { code: 'ERR_UNREACHABLE' })
    assert.ok(performance.now() - before < 700)
  }
})

test('a listener that says nothing makes a call run out of time', async () => {
  await using place = await makePlace()
  const sockets: { destroy(): void }[] = []
  const server = createServer((socket) => sockets.push(socket))
  server.listen(place.path('mute'))
  await once(server, 'listening')
  try {
    await using client = new CircusClient({ endpoint: `ipc://${place.path('mute')}`, timeoutMs: 100 })
    await assert.rejects(client.call('x'), { code: 'ERR_CALL_TIMEOUT' })
  } finally {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
})

test('what JSON cannot hold is refused before anything is sent', async () => {
  await using server = await serve('ipc', () => ({}))
  await assert.rejects(server.client.call('x', { n: 1n }), TypeError)
  assert.equal((await server.client.call('x')).status, 'ok')
})

test('a client needs an endpoint it can connect to', () => {
  for (const endpoint of ['tcp://127.0.0.1:*', 'nonsense', 'tcp://127.0.0.1'])
    assert.throws(() => new CircusClient({ endpoint }), { code: 'ERR_ENDPOINT_INVALID' })
})
