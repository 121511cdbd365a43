import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HookContext } from '../../../plugins/hooks/index.ts'
import { isAlive, startArbiter } from '../../harness/index.ts'

test('a hook that hangs fails when its time is over, and is told so by its signal', async () => {
  let reason: unknown
  const hangs = ({ signal }: HookContext) => {
    signal.addEventListener('abort', () => {
      reason = signal.reason
    })
    return new Promise(() => {})
  }
  await using running = await startArbiter({
    watchers: [{ name: 'web', cmd: 'sleep 60', hooks: { before_start: hangs } }],
    plugins: [{ name: 'hooks', timeout: 0.1 }],
  })

  const { payload } = await running.events.event('web.hook_failure')

  assert.equal(payload['error'], 'no end after 0.1 s')
  assert.match(String(reason), /no end after 0\.1 s/)
  assert.equal(running.arbiter.watcher('web').status, 'stopped')
})

test('a stop does not wait for a before_spawn that hangs, and what it held up is not spawned later', async () => {
  const gates: (() => void)[] = []
  const waits = () => new Promise<void>((resolve) => gates.push(resolve))
  await using running = await startArbiter({
    watchers: [{ name: 'web', cmd: 'sleep 60', autostart: false, hooks: { before_spawn: waits } }],
  })
  const watcher = running.arbiter.watcher('web')
  const untilAsked = async (count: number) => {
    while (gates.length < count) await new Promise(setImmediate)
  }
  const first = assert.rejects(watcher.start(), { code: 'ERR_START_ABORTED' })
  await untilAsked(1)
  await watcher.stop()
  await first

  const second = watcher.start()
  await untilAsked(2)
  for (const open of gates) open()
  await second
  await running.events.until(({ payload }) => payload['name'] === 'before_spawn', { count: 2 })

  assert.equal(watcher.pids.length, 1)
  assert.equal(running.events.of('web').filter((event) => event === 'spawn').length, 1)
})

test('a stop waits for a before_reap, so that the end of a process is published before that of its watcher', async () => {
  const { promise: open, resolve } = Promise.withResolvers<void>()
  await using running = await startArbiter({
    watchers: [{ name: 'web', cmd: 'sleep 60', hooks: { before_reap: () => open } }],
  })
  const { pids } = running.arbiter.watcher('web')

  const stopped = running.arbiter.watcher('web').stop()
  while (pids.some(isAlive)) await new Promise(setImmediate)
  resolve()
  await stopped

  const events = running.events.of('web').filter((event) => event === 'reap' || event === 'stop')
  assert.deepEqual(events, ['reap', 'stop'])
})

test('a hook that blocks the event loop is named in the log with how long', async () => {
  const blocks = () => {
    const end = Date.now() + 150
    while (Date.now() < end);
  }
  await using running = await startArbiter({
    watchers: [{ name: 'web', cmd: 'sleep 60', hooks: { before_start: blocks } }],
  })
  await running.log.record(/web: before_start: function blocks kept the event loop for 1\d\d ms/)
})

test('the daemon waits for hooks under way before it ends', async () => {
  let done = false
  const slow = async () => {
    await new Promise((resolve) => setTimeout(resolve, 100))
    done = true
  }
  {
    await using running = await startArbiter({
      watchers: [{ name: 'web', cmd: 'sleep 60', hooks: { after_reap: slow } }],
    })
    await running.events.event('web.start')
  }
  assert.ok(done)
})
