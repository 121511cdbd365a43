import assert from 'node:assert/strict'
import test from 'node:test'
import { startArbiter, untilTrue } from '../../harness/index.ts'
import { answers, ask } from './asking.ts'

const socket = (name: string) => `[socket:${name}]\nhost = 127.0.0.1\nport = 0\n`
const watcher = (name: string) =>
  `[watcher:${name}]\ncmd = ${answers(`$(circus.sockets.${name})`)}\nuse_sockets = true\non_demand = true\n`

test('the first connection starts the watchers of that socket, and no others, and is served', async () => {
  await using running = await startArbiter(socket('a') + socket('b') + watcher('a') + watcher('b'))
  const { arbiter, client } = running
  assert.deepEqual(await client.call('status', { name: 'a' }).then(({ status, reason }) => [status, reason]), [
    'stopped',
    'waits for a connection at a',
  ])

  const answer = await ask(arbiter, 'a')

  assert.deepEqual(arbiter.watcher('a').pids, [answer.pid])
  assert.deepEqual([arbiter.watcher('a').status, arbiter.watcher('b').status], ['active', 'stopped'])
})

test('when its processes are gone, it waits for the next connection', async () => {
  await using running = await startArbiter(socket('a') + watcher('a'))
  const { arbiter, events } = running
  const first = await ask(arbiter, 'a')

  process.kill(first.pid, 'SIGTERM')
  await events.event('a.stop')
  await untilTrue(() => arbiter.watcher('a').reason !== null)
  const second = await ask(arbiter, 'a')

  assert.notEqual(second.pid, first.pid)
})

test('stop ends the waiting, start takes it up again', async () => {
  await using running = await startArbiter(socket('a') + watcher('a'))
  const { arbiter, client } = running

  await client.call('stop', { name: 'a', waiting: true })
  assert.equal(arbiter.watcher('a').reason, null)
  const asked = ask(arbiter, 'a')
  await client.call('start', { name: 'a', waiting: true })

  assert.deepEqual(arbiter.watcher('a').pids, [(await asked).pid])
})

test('restart stops it until the next connection', async () => {
  await using running = await startArbiter(socket('a') + watcher('a'))
  const { arbiter, client } = running
  await ask(arbiter, 'a')

  await client.call('restart', { name: 'a', waiting: true })

  assert.deepEqual([arbiter.watcher('a').status, arbiter.watcher('a').pids], ['stopped', []])
  await ask(arbiter, 'a')
})

test('a program that ends without accepting is not started over and over', async () => {
  await using running = await startArbiter(
    `${socket('a')}[watcher:a]\ncmd = false\nuse_sockets = true\non_demand = true\nrespawn_delay = 600\nrespawn_delay_max = 600\n`,
  )
  const { arbiter, events } = running
  const asked = ask(arbiter, 'a').catch(() => {})

  await events.event('a.stop')
  await untilTrue(() => arbiter.watcher('a').reason?.startsWith('waits') ?? false)
  arbiter.watcher('a').reconcile()

  assert.equal(events.all.filter(({ event }) => event === 'spawn').length, 1)
  await arbiter.stop('test')
  await asked
})

test('without a socket to wait for it says so', async () => {
  await using running = await startArbiter('[watcher:a]\ncmd = sleep 60\non_demand = true\n')

  assert.match(running.arbiter.watcher('a').reason ?? '', /on_demand needs a socket/)
})

test('all watchers of one socket wait for it, and are started together', async () => {
  const again = watcher('a').replace('[watcher:a]', '[watcher:again]')
  await using running = await startArbiter(socket('a') + watcher('a') + again)
  const { arbiter } = running

  const { pid } = await ask(arbiter, 'a')
  await untilTrue(() => arbiter.watchers.every(({ status }) => status === 'active'))

  assert.ok(arbiter.watchers.some(({ pids }) => pids.includes(pid)))
})

test('it waits again when its new processes have ended while an old one was still stopping', async () => {
  const slow = 'graceful_timeout = 2\nstop_signal = SIGURG\n' // what nobody minds
  await using running = await startArbiter(socket('a') + watcher('a') + slow)
  const { arbiter, events } = running
  const { pid } = await ask(arbiter, 'a')
  const reloading = arbiter.watcher('a').reload()
  await events.event('a.kill')

  for (const young of arbiter.watcher('a').pids.filter((other) => other !== pid)) process.kill(young, 'SIGKILL')
  await reloading
  await untilTrue(() => arbiter.watcher('a').reason !== null)

  assert.equal(arbiter.watcher('a').reason, 'waits for a connection at a')
})

test('one whose sockets were taken from it while it ran says that it has nothing to wait for', async () => {
  await using running = await startArbiter(socket('a') + watcher('a'))
  const { arbiter } = running
  await ask(arbiter, 'a')
  await arbiter.watcher('a').set({ use_sockets: false, cmd: 'sleep 60' })

  for (const pid of arbiter.watcher('a').pids) process.kill(pid, 'SIGKILL')
  await untilTrue(() => arbiter.watcher('a').status === 'stopped' && arbiter.watcher('a').reason !== null)

  assert.match(arbiter.watcher('a').reason!, /on_demand needs a socket/)
})

test('it waits for the sockets that its options name now', async () => {
  await using running = await startArbiter(socket('a') + socket('b') + watcher('a'))
  const { arbiter } = running

  await arbiter.watcher('a').set({ cmd: answers('$(circus.sockets.b)') })

  assert.equal(arbiter.watcher('a').reason, 'waits for a connection at b')
  const { pid } = await ask(arbiter, 'b')
  assert.deepEqual(arbiter.watcher('a').pids, [pid])
})

test('one that is not to wait any more is started', async () => {
  await using running = await startArbiter(socket('a') + watcher('a'))
  const { arbiter } = running

  await arbiter.watcher('a').set({ on_demand: false })

  assert.equal(arbiter.watcher('a').status, 'active')
  const { pid } = await ask(arbiter, 'a')
  assert.deepEqual(arbiter.watcher('a').pids, [pid])
})
