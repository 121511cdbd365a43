import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { test } from 'node:test'
import { Arbiter, CircusClient, configFromObject, EventSubscriber, type KernelError } from '../../core/index.ts'
import { ignoresTerm, isAlive, startArbiter, temporaryFolder, untilTrue } from '../harness/index.ts'

const sleeper = (name: string, more = '') => `[watcher:${name}]\ncmd = sleep 60\n${more}\n`

test('watchers start by falling and stop by rising priority, those of one priority in the order of the file', async () => {
  const order: string[] = []
  {
    await using running = await startArbiter(
      [sleeper('low', 'priority = -1'), sleeper('b'), sleeper('a'), sleeper('high', 'priority = 9')].join(''),
    )
    running.arbiter.hooks.beforeStop.tap('test', ({ name }) => void order.push(name))
    const started = running.events.all.filter(({ event }) => event === 'start').map(({ watcher }) => watcher)
    assert.deepEqual(started, ['high', 'b', 'a', 'low'])
  }
  assert.deepEqual(order, ['low', 'b', 'a', 'high'])
})

test('a watcher that cannot start fails alone, and says why', async () => {
  await using running = await startArbiter(
    `[watcher:broken]\ncmd = /no/such/program\nmax_retry = 2\nrespawn_delay = 0.01\n${sleeper('web')}`,
  )
  const { statuses, reasons } = await running.client.call<Record<string, Record<string, string>>>('status')
  assert.deepEqual(statuses, { broken: 'stopped', web: 'active' })
  assert.match(reasons!['broken']!, /\/no\/such\/program: no such file/)
  assert.equal(running.log.matching(/^error .*\/no\/such\/program/).length, 1)
  await assert.rejects(running.client.call('start', { name: 'broken', waiting: true }), { errno: 4 })
})

test('a watcher with autostart = false starts when its name is said, and not with all the others', async () => {
  await using running = await startArbiter(sleeper('web', 'autostart = false'))
  assert.equal(running.arbiter.watcher('web').status, 'stopped')
  await running.client.call('start', { waiting: true })
  assert.equal(running.arbiter.watcher('web').status, 'stopped')
  await running.client.call('start', { name: 'WEB', waiting: true })
  assert.equal(running.arbiter.watcher('web').status, 'active')
})

test('quit cuts short a start that waits, and its reply comes when all is stopped', async () => {
  await using running = await startArbiter(sleeper('slow', 'numprocesses = 3\nwarmup_delay = 1000'), { start: false })
  const { arbiter, events } = running
  const started = arbiter.start()
  const first = (await events.event('slow.spawn')).payload['process_pid'] as number
  await using client = new CircusClient({ endpoint: arbiter.endpoints.control })
  const reply = await client.call('quit', { waiting: true })
  assert.equal(reply['status'], 'ok')
  assert.equal(isAlive(first), false)
  await started
  await arbiter.closed
  assert.deepEqual(events.of('slow').slice(-3), ['kill', 'reap', 'stop'])
})

test('while it shuts down it answers questions and refuses changes', async () => {
  await using running = await startArbiter(
    `[watcher:stubborn]\ncmd = sh -c "trap '' TERM; echo ready; while :; do sleep 0.1; done"\ncopy_env = true\ngraceful_timeout = 1\n`,
  )
  const { client, arbiter, events } = running
  await untilTrue(() => ignoresTerm(arbiter.watcher('stubborn').pids[0]!))
  await client.call('quit')
  await events.event('stubborn.kill')
  assert.equal((await client.call('status', { name: 'stubborn' }))['status'], 'stopping')
  await assert.rejects(client.call('incr', { name: 'stubborn' }), { errno: 5, code: 'ERR_ARBITER_STOPPING' })
  await assert.rejects(client.call('add', { name: 'x', cmd: 'sleep 1' }), { errno: 5 })
  await arbiter.closed
})

test('an endpoint that a live daemon answers on is an error that names it, and nothing is started', async () => {
  await using running = await startArbiter(sleeper('web'))
  const { endpoint, pubsub_endpoint } = running.arbiter.config.circus
  for (const circus of [
    { endpoint, pubsub_endpoint: `${pubsub_endpoint}2` },
    { endpoint: `${endpoint}2`, pubsub_endpoint },
  ]) {
    const second = new Arbiter(configFromObject({ circus, watchers: [{ name: 'w', cmd: 'sleep 60' }] }), {
      log: running.log.log,
    })
    await assert.rejects(second.start(), (error: KernelError) => {
      assert.equal(error.code, 'ERR_ENDPOINT_IN_USE')
      assert.match(error.message, /\.sock/)
      return true
    })
    assert.deepEqual(second.watchers, [])
    await second.closed
  }
  assert.equal((await running.client.call('status', { name: 'web' }))['status'], 'active')
})

test('an endpoint that others can reach is refused unless that is allowed', async () => {
  const circus = { endpoint: 'tcp://0.0.0.0:*', pubsub_endpoint: 'tcp://127.0.0.1:*' }
  const refused = new Arbiter(configFromObject({ circus }))
  await assert.rejects(refused.start(), { code: 'ERR_ENDPOINT_INSECURE' })
  await using allowed = await startArbiter({ circus: { ...circus, allow_insecure: true } })
  assert.match(allowed.arbiter.endpoints.control, /^tcp:\/\/0\.0\.0\.0:\d+$/)
})

test('the socket files are gone when it has stopped, and starting twice is an error', async () => {
  using folder = temporaryFolder()
  const circus = { endpoint: `ipc://${folder.path('c')}`, pubsub_endpoint: `ipc://${folder.path('e')}` }
  const arbiter = new Arbiter(configFromObject({ circus }))
  await arbiter.start()
  assert.deepEqual(readdirSync(folder.root).sort(), ['c', 'e'])
  await assert.rejects(arbiter.start(), { code: 'ERR_ARBITER_STARTED' })
  await arbiter.stop()
  await arbiter.stop()
  assert.deepEqual(readdirSync(folder.root), [])
})

test('events reach subscribers of the channel in order, the last ones of a shutdown included', async () => {
  const seen: string[] = []
  await using running = await startArbiter(sleeper('my web'))
  await using subscriber = new EventSubscriber({ endpoint: running.arbiter.endpoints.events })
  await subscriber.ready()
  const reading = (async () => {
    for await (const { topic } of subscriber) {
      seen.push(topic)
      if (topic.endsWith('.stop') && seen.filter((one) => one.endsWith('.stop')).length === 2) return
    }
  })()
  await running.client.call('restart', { name: 'my web', waiting: true })
  await running.arbiter.stop()
  await reading
  const cycle = ['kill', 'reap', 'stop']
  assert.deepEqual(
    seen,
    [...cycle, 'spawn', 'start', ...cycle].map((event) => `watcher.my_web.${event}`),
  )
})

test('SIGKILL to everything ends a shutdown that waits for a stubborn process', async () => {
  await using running = await startArbiter(
    `[watcher:stubborn]\ncmd = sh -c "trap '' TERM; setsid sleep 60 & wait; sleep 60"\ncopy_env = true\ngraceful_timeout = 1000\n`,
  )
  await untilTrue(() => ignoresTerm(running.arbiter.watcher('stubborn').pids[0]!))
  const stopped = running.arbiter.stop()
  await running.events.event('stubborn.kill')
  running.arbiter.kill()
  await stopped
  assert.equal(running.events.all.find(({ event }) => event === 'reap')?.payload['exit_code'], -9)
})

test('the config hook may change what was read before it is applied', async () => {
  await using running = await startArbiter(sleeper('web'), { start: false })
  running.arbiter.hooks.config.tap('test', (config) => ({
    ...config,
    watchers: config.watchers.map((watcher) => ({ ...watcher, options: { ...watcher.options, numprocesses: 2 } })),
  }))
  await running.arbiter.start()
  assert.equal(running.arbiter.watcher('web').pids.length, 2)
})

test('a program that embeds it can stop it by leaving the scope, and its channels are private', async () => {
  let pids: number[]
  {
    const { getArbiter } = await import('../../core/index.ts')
    await using arbiter = getArbiter([{ cmd: 'sleep 60', numprocesses: 2 }])
    await arbiter.start()
    pids = arbiter.watcher('sleep').pids
    assert.equal(pids.length, 2)
    assert.match(arbiter.endpoints.control, /^tcp:\/\/127\.0\.0\.1:\d+$/)
  }
  assert.deepEqual(pids.filter(isAlive), [])
  assert.equal(existsSync(`/proc/${pids[0]}`), false)
})

test('a watcher removed twice at once takes no other of its name along', async () => {
  await using running = await startArbiter(sleeper('web'))
  const { arbiter } = running
  const { config } = arbiter.watcher('web')
  let successors = 0
  arbiter.hooks.watcherRemoved.tap('test', () => void (successors++ === 0 && arbiter.add(config)))

  await Promise.all([arbiter.remove('web'), arbiter.remove('web')])

  assert.deepEqual([arbiter.watchers.length, successors], [1, 1])
})
