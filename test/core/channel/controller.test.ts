import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { Request } from 'zeromq'
import { Controller, type Dispatch } from '../../../core/channel/controller.ts'
import { KernelError } from '../../../core/errors.ts'
import { makePlace, memoryLog, type Transport, transports } from './place.ts'
import { rawClient } from './raw-client.ts'

const echo: Dispatch = ({ command, properties }) => ({ command, properties })

async function serve(transport: Transport, dispatch: Dispatch = echo) {
  const place = await makePlace()
  const log = memoryLog()
  const controller = new Controller({ endpoint: place.endpoint(transport), dispatch, log })
  const endpoint = await controller.bind()
  return {
    controller,
    endpoint,
    log,
    async [Symbol.asyncDispose]() {
      await controller.close()
      await place[Symbol.asyncDispose]()
    },
  }
}

/** Work that a test ends when it likes. */
function gate() {
  const { promise, resolve } = Promise.withResolvers<Record<string, unknown>>()
  return { promise, open: () => resolve({ opened: true }) }
}

for (const transport of transports) {
  test(`${transport}: a DEALER's request is answered in one frame`, async () => {
    await using server = await serve(transport)
    using client = rawClient(server.endpoint)
    const before = Date.now() / 1000

    await client.send(JSON.stringify({ id: 'abc', command: 'Status', properties: { name: 'web' } }))
    const frames = await client.receiveFrames()

    assert.equal(frames.length, 1)
    const { time, ...reply } = JSON.parse(String(frames[0]))
    assert.ok(typeof time === 'number' && time >= before && time <= Date.now() / 1000)
    assert.deepEqual(reply, { status: 'ok', id: 'abc', command: 'Status', properties: { name: 'web' } })
  })

  test(`${transport}: a REQ client is served`, async () => {
    await using server = await serve(transport)
    const client = new Request()
    client.linger = 0
    client.receiveTimeout = 5_000
    client.connect(server.endpoint)
    try {
      for (const id of [1, 2]) {
        await client.send(JSON.stringify({ id, command: 'list' }))
        assert.equal(JSON.parse(String((await client.receive())[0])).id, id)
      }
      await client.send('nonsense')
      assert.equal(JSON.parse(String((await client.receive())[0])).errno, 1)
    } finally {
      client.close()
    }
  })

  test(`${transport}: an error reply has the fields of the protocol, and the code`, async () => {
    await using server = await serve(transport, async () => {
      throw new KernelError('ERR_WATCHER_UNKNOWN', ['web'])
    })
    using client = rawClient(server.endpoint)

    const { time, ...reply } = await client.ask({ id: { any: [1] }, command: 'stop' })

    assert.equal(typeof time, 'number')
    assert.deepEqual(reply, {
      status: 'error',
      reason: 'program web not found',
      tb: null,
      errno: 3,
      code: 'ERR_WATCHER_UNKNOWN',
      id: { any: [1] },
    })
  })

  test(`${transport}: malformed messages are answered or dropped, and the next request is served`, async () => {
    await using server = await serve(transport)
    using client = rawClient(server.endpoint)
    const deep = '['.repeat(100_000) + ']'.repeat(100_000)
    const malformed: [errno: number, frame: string | Buffer][] = [
      [1, 'not JSON'],
      [1, ''],
      [1, '[1,2]'],
      [2, '{}'],
      [2, '{"command":42}'],
      [3, '{"command":"list","properties":["a"]}'],
      [1, Buffer.from([0xff, 0xfe, 0x00])],
      [1, Buffer.alloc(20 * 1024 * 1024, 0x5b)],
      [1, `{"command":"list","properties":{"pad":"${'x'.repeat(20 * 1024 * 1024)}"}}`],
      [1, deep],
      [1, `{"command":"list","id":${deep}}`],
      [1, '{"command":"list","properties":{"__proto__":{"name":"x"}}}'],
    ]
    for (const [errno, frame] of malformed) {
      await client.send(frame)
      const reply = await client.receive()
      assert.equal(reply.status, 'error')
      assert.equal(reply.errno, errno, String(frame).slice(0, 60))
      assert.equal((await client.ask({ id: 'next', command: 'list' })).id, 'next')
    }
  })

  test(`${transport}: messages of other shapes are counted, logged once, and dropped`, async () => {
    await using server = await serve(transport)
    using client = rawClient(server.endpoint)
    await client.send('a', 'b')
    await client.send('', '{}', '')
    await client.send('x', 'y', 'z', JSON.stringify({ id: 1, command: 'quit' }))
    await client.send('1', '{"command":"list"}')
    assert.equal((await client.ask({ id: 'next', command: 'list' })).id, 'next')
    assert.equal(server.controller.dropped, 4)
    assert.equal(server.log.records.length, 1)
  })

  test(`${transport}: a cast is never answered`, async () => {
    const seen: string[] = []
    await using server = await serve(transport, ({ command, cast }) => {
      seen.push(command)
      assert.ok(cast || command === 'last')
      if (command === 'fail') throw new KernelError('ERR_ARBITER_STOPPING', [])
      return {}
    })
    using client = rawClient(server.endpoint)
    for (const command of ['work', 'fail']) await client.send(JSON.stringify({ id: 1, command, msg_type: 'cast' }))
    await client.send(JSON.stringify({ id: 1, command: 5, msg_type: 'cast' }))
    await client.send(JSON.stringify({ id: 1, command: 'x', properties: 5, msg_type: 'cast' }))

    assert.equal((await client.ask({ id: 'last', command: 'last' })).id, 'last')
    assert.deepEqual(seen, ['work', 'fail', 'last'])
  })

  test(`${transport}: slow work holds up nobody, and is answered when it is done`, async () => {
    const { promise, open } = gate()
    await using server = await serve(transport, ({ command }) => (command === 'slow' ? promise : {}))
    using client = rawClient(server.endpoint)
    await client.send(JSON.stringify({ id: 'slow', command: 'slow' }))
    for (let id = 0; id < 10; id++) assert.equal((await client.ask({ id, command: 'fast' })).id, id)
    open()
    assert.equal((await client.receive()).id, 'slow')
  })

  test(`${transport}: a hundred clients at once get their own replies`, async () => {
    await using server = await serve(transport, async ({ properties }) => {
      if (Number(properties.n) % 2) await setImmediate()
      return { n: properties.n }
    })
    const clients = Array.from({ length: 100 }, () => rawClient(server.endpoint))
    try {
      await Promise.all(
        clients.map(async (client, c) => {
          for (let i = 0; i < 20; i++) {
            const reply = await client.ask({ id: `${c}-${i}`, command: 'x', properties: { n: c * 1000 + i } })
            assert.equal(reply.id, `${c}-${i}`)
            assert.equal(reply.n, c * 1000 + i)
          }
        }),
      )
    } finally {
      for (const client of clients) client.close()
    }
  })

  test(`${transport}: a client that is gone before its reply harms nobody`, async () => {
    const { promise, open } = gate()
    const asked = gate()
    await using server = await serve(transport, ({ command }) => {
      if (command !== 'slow') return {}
      asked.open()
      return promise
    })
    const gone = rawClient(server.endpoint)
    await gone.send(JSON.stringify({ id: 1, command: 'slow' }))
    await asked.promise
    gone.close()
    using client = rawClient(server.endpoint)
    await client.ask({ id: 1, command: 'x' })
    open()
    assert.equal((await client.ask({ id: 2, command: 'x' })).id, 2)
  })

  test(`${transport}: closing while work is under way ends at once, and the work ends unheard`, async () => {
    const { promise, open } = gate()
    const asked = gate()
    await using server = await serve(transport, () => {
      asked.open()
      return promise
    })
    using client = rawClient(server.endpoint)
    await client.send(JSON.stringify({ id: 1, command: 'slow' }))
    await asked.promise

    await server.controller.close()
    await server.controller.close()
    open()
    await setImmediate()

    assert.deepEqual(server.log.records, [])
  })

  test(`${transport}: a reply that is ready when the channel closes is still delivered`, async () => {
    await using server = await serve(transport, async () => {
      void server.controller.close()
      return { bye: true }
    })
    using client = rawClient(server.endpoint)
    assert.equal((await client.ask({ id: 1, command: 'quit' })).bye, true)
  })

  test(`${transport}: the endpoint can be bound again as soon as close resolves`, async () => {
    await using server = await serve(transport)
    for (let i = 0; i < 5; i++) {
      await server.controller.close()
      const next = new Controller({ endpoint: server.endpoint, dispatch: echo, log: server.log })
      await next.bind()
      await next.close()
    }
  })

  test(`${transport}: five thousand random messages, and the next request is served`, async () => {
    await using server = await serve(transport)
    using client = rawClient(server.endpoint)
    const random = seeded(20_261_123)
    for (let i = 0; i < 5_000; i++) await client.send(...randomFrames(random))
    await client.send(JSON.stringify({ id: 'the last', command: 'list' }))
    for (;;) if ((await client.receive()).id === 'the last') break
  })
}

test('fields may replace the status, but never the id', async () => {
  await using server = await serve('ipc', () => ({ status: 'active', id: 'other' }))
  using client = rawClient(server.endpoint)
  const reply = await client.ask({ id: 'mine', command: 'status' })
  assert.equal(reply.status, 'active')
  assert.equal(reply.id, 'mine')
})

test('work that gives nothing is answered with ok', async () => {
  await using server = await serve('ipc', async () => undefined)
  using client = rawClient(server.endpoint)
  assert.deepEqual(Object.keys(await client.ask({ command: 'x' })), ['status', 'time', 'id'])
})

test('a reply that JSON cannot hold is an internal failure, and so is a thrown stranger; no stack leaves', async () => {
  const cycle: Record<string, unknown> = {}
  cycle.self = cycle
  const results: Record<string, () => Record<string, unknown>> = {
    bigint: () => ({ n: 1n }),
    cycle: () => cycle,
    error: () => {
      throw new TypeError('boom')
    },
    text: () => {
      throw 'boom'
    },
  }
  await using server = await serve('ipc', async ({ command }) => results[command]!())
  using client = rawClient(server.endpoint)
  for (const command of Object.keys(results)) {
    const reply = await client.ask({ id: command, command })
    assert.equal(reply.errno, 6)
    assert.equal(reply.code, 'ERR_INTERNAL')
    assert.equal(reply.tb, null)
    assert.ok(!JSON.stringify(reply).includes('.ts:'))
  }
  assert.equal(server.log.records.length, 4)
  assert.match(server.log.records[2]!, /boom[\s\S]*controller\.test\.ts/)
})

test('a caller is known by the channel, and by who can use it', async () => {
  const uids = [...new Set([process.geteuid!(), 0])].join(', ')
  const names = { tcp: 'tcp 127.0.0.1', ipc: `ipc, ${uids.includes(',') ? 'uids' : 'uid'} ${uids}`, inproc: 'inproc' }
  for (const transport of transports) {
    await using server = await serve(transport, (_, { name, role }) => ({ name, role }))
    using client = rawClient(server.endpoint, 'somebody')
    const { name, role } = await client.ask({ command: 'x' })
    assert.deepEqual({ name, role }, { name: names[transport], role: 'admin' })
  }
})

/** A small generator with a seed (mulberry32), so that a failure can be had again. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

function randomFrames(random: () => number): Buffer[] {
  const count = random() < 0.8 ? 1 : 1 + Math.floor(random() * 5)
  return Array.from({ length: count }, () => {
    const kind = random()
    if (kind < 0.3)
      return Buffer.from(Array.from({ length: Math.floor(random() * 64) }, () => Math.floor(random() * 256)))
    const text = Buffer.from(
      '{"id":"x","command":"list","properties":{"name":"\\u00e9","a":[1,{"b":null}]},"msg_type":"call"}',
    )
    if (kind < 0.6) return text.subarray(0, Math.floor(random() * text.length))
    for (let flips = 1 + random() * 4; flips > 0; flips--)
      text[Math.floor(random() * text.length)] = Math.floor(random() * 256)
    return text
  })
}
