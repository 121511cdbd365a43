import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { XPublisher as RawPublisher, Subscriber as RawSubscriber } from 'zeromq'
import { CircusClient } from '../../../core/channel/client.ts'
import { Controller } from '../../../core/channel/controller.ts'
import { Publisher } from '../../../core/channel/publisher.ts'
import { decodeEvent, EventSubscriber, type PublishedEvent } from '../../../core/channel/subscriber.ts'
import { untilTrue } from '../../harness/index.ts'
import { makePlace, memoryLog, transports } from './place.ts'

async function take(subscriber: EventSubscriber, count: number): Promise<PublishedEvent[]> {
  const events: PublishedEvent[] = []
  for await (const event of subscriber) if (events.push(event) === count) break
  return events
}

for (const transport of transports) {
  test(`${transport}: events arrive in order, with their parts told apart`, async () => {
    await using place = await makePlace()
    const publisher = new Publisher({ endpoint: place.endpoint(transport), log: memoryLog() })
    const endpoint = await publisher.bind()
    await using subscriber = new EventSubscriber({ endpoint })
    try {
      await subscribed(publisher, subscriber)
      publisher.publish('stat.web.1', { not: 'asked for' })
      for (let n = 0; n < 2_000; n++) publisher.publish('watcher.my.web.spawn', { process_pid: n, time: 1.5 })

      const events = await take(subscriber, 2_000)

      assert.deepEqual(
        events.map(({ payload }) => payload.process_pid),
        Array.from({ length: 2_000 }, (_, n) => n),
      )
      assert.deepEqual(events[0], {
        topic: 'watcher.my.web.spawn',
        watcher: 'my.web',
        event: 'spawn',
        payload: { process_pid: 0, time: 1.5 },
        time: 1.5,
      })
    } finally {
      await publisher.close()
    }
  })

  test(`${transport}: what a command causes after ready() is seen`, async () => {
    for (let round = 0; round < 20; round++) {
      await using place = await makePlace()
      const publisher = new Publisher({ endpoint: place.endpoint(transport), log: memoryLog() })
      const dispatch = () => {
        publisher.publish('watcher.web.start', { round })
        return {}
      }
      const controller = new Controller({ endpoint: place.endpoint(transport), dispatch, log: memoryLog() })
      try {
        await using client = new CircusClient({ endpoint: await controller.bind() })
        await using subscriber = new EventSubscriber({ endpoint: await publisher.bind() })
        await subscriber.ready()
        await client.call('start')
        assert.equal((await take(subscriber, 1))[0]?.payload.round, round)
      } finally {
        await Promise.all([controller.close(), publisher.close()])
      }
    }
  })

  test(`${transport}: an original client reads two frames`, async () => {
    await using place = await makePlace()
    const publisher = new Publisher({ endpoint: place.endpoint(transport), log: memoryLog() })
    const endpoint = await publisher.bind()
    const raw = new RawSubscriber()
    raw.linger = 0
    raw.receiveTimeout = 5_000
    raw.subscribe('watcher.')
    raw.connect(endpoint)
    await using subscriber = new EventSubscriber({ endpoint })
    try {
      await subscribed(publisher, subscriber)
      publisher.publish('watcher.web.stop', { time: 1 })
      let frames = await raw.receive()
      while (String(frames[0]).startsWith('watcher.probe.')) frames = await raw.receive()
      assert.deepEqual(frames.map(String), ['watcher.web.stop', '{"time":1}'])
    } finally {
      raw.close()
      await publisher.close()
    }
  })

  test(`${transport}: closing ends a reader that waits`, async () => {
    await using place = await makePlace()
    const publisher = new Publisher({ endpoint: place.endpoint(transport), log: memoryLog() })
    const subscriber = new EventSubscriber({ endpoint: await publisher.bind() })
    const reader = take(subscriber, 1)
    await subscriber.close()
    assert.deepEqual(await reader, [])
    await publisher.close()
  })

  test(`${transport}: messages that are no events are skipped`, async () => {
    await using place = await makePlace()
    // Not PUB, which does not tell when the subscription has come in: `ready()` is before that.
    const raw = new RawPublisher()
    raw.linger = 0
    raw.bindSync(place.endpoint(transport))
    await using subscriber = new EventSubscriber({ endpoint: raw.lastEndpoint!, topics: [''] })
    try {
      await raw.receive()
      for (const frames of [['watcher.a.b'], ['watcher.a.b', '{', '}'], ['watcher.a.b', '{'], ['watcher.a.b', '[]']])
        await raw.send(frames)
      for (const topic of ['nodots', 'one.dot']) await raw.send([topic, '{}'])
      await raw.send(['watcher.a.b', '{"good":true}'])
      assert.deepEqual((await take(subscriber, 1))[0]?.payload, { good: true })

      await raw.send(['one.dot', '{"n":1}'])
      const { value } = await subscriber.messages().next()
      assert.deepEqual(value, { topic: 'one.dot', payload: { n: 1 } }) // of another channel it may be one
    } finally {
      raw.close()
    }
  })
}

for (const transport of ['tcp', 'ipc'] as const)
  test(`${transport}: all events and the last reply arrive though the daemon exits at once`, async () => {
    await using place = await makePlace()
    const count = 5_000
    const fixture = new URL('fixtures/publish-then-exit.ts', import.meta.url).pathname
    const args = [fixture, place.endpoint(transport), place.endpoint(transport), String(count)]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    try {
      const exited = once(child, 'exit')
      const [line] = await once(createInterface(child.stdout), 'line')
      const [control, pubsub] = JSON.parse(line)
      await using client = new CircusClient({ endpoint: control })
      await using subscriber = new EventSubscriber({ endpoint: pubsub })
      await subscriber.ready()
      const events = take(subscriber, count)

      assert.equal((await client.call('quit')).published, String(count))

      assert.equal((await events).at(-1)?.payload.n, count - 1)
      assert.deepEqual(await exited, [0, null])
    } finally {
      child.kill('SIGKILL')
    }
  })

test('publishing never throws, and what did not leave is counted', async () => {
  await using place = await makePlace()
  const log = memoryLog()
  const publisher = new Publisher({ endpoint: place.endpoint('ipc'), log })
  publisher.publish('watcher.web.start', {})
  await publisher.bind()
  publisher.publish('watcher.web.start', {})
  publisher.publish('watcher.web.start', { n: 1n })
  await publisher.close()
  await publisher.close()
  publisher.publish('watcher.web.start', {})
  assert.equal(publisher.dropped, 3)
  assert.equal(log.records.length, 1)
})

test('a subscriber without a publisher says so', async () => {
  await using place = await makePlace()
  await using subscriber = new EventSubscriber({ endpoint: place.endpoint('ipc') })
  await assert.rejects(subscriber.ready(50), { code: 'ERR_UNREACHABLE' })
})

test('a subscriber needs an endpoint it can connect to', () => {
  assert.throws(() => new EventSubscriber({ endpoint: 'tcp://127.0.0.1:*' }), { code: 'ERR_ENDPOINT_INVALID' })
  assert.throws(() => new EventSubscriber({ endpoint: 'nonsense' }), { code: 'ERR_ENDPOINT_INVALID' })
})

test('an event without a time gets the time it came', () => {
  const event = decodeEvent([Buffer.from('watcher.web.start'), Buffer.from('{"time":"soon"}')])
  assert.ok(event && Math.abs(event.time - Date.now() / 1000) < 5)
})

const probeTopic = 'watcher.probe.probe'

/** Publish until it arrives: the one way to be sure of a subscription without a command in between. */
async function subscribed(publisher: Publisher, subscriber: EventSubscriber): Promise<void> {
  const timer = setInterval(() => publisher.publish(probeTopic, {}), 1)
  await take(subscriber, 1)
  clearInterval(timer)
  publisher.publish('watcher.probe.last', {})
  for await (const { event } of subscriber) if (event === 'last') return
}

test('a publisher knows what somebody subscribes to', async () => {
  await using place = await makePlace()
  const changes: string[][] = []
  const publisher = new Publisher({
    endpoint: place.endpoint('ipc'),
    log: memoryLog(),
    onSubscriptions: (subscriptions) => changes.push([...subscriptions].sort()),
  })
  const endpoint = await publisher.bind()
  const [first, second] = [new RawSubscriber({ linger: 0 }), new RawSubscriber({ linger: 0 })]
  try {
    first.subscribe('stat.')
    first.connect(endpoint)
    await untilTrue(() => changes.at(-1)?.join() === 'stat.', 'the first subscription is known')
    second.subscribe('stat.', 'output.web')
    second.connect(endpoint)
    await untilTrue(() => changes.at(-1)?.join() === 'output.web,stat.', 'the second is known')
    second.close()
    await untilTrue(() => changes.at(-1)?.join() === 'stat.', 'what one has left the other still wants')
    first.unsubscribe('stat.')
    await untilTrue(() => changes.at(-1)?.length === 0, 'nobody wants anything')
  } finally {
    for (const socket of [first, second]) if (!socket.closed) socket.close()
    await publisher.close()
  }
})
