import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { isAlive, startArbiter } from './index.ts'

test('an arbiter of a test runs until the end of its scope and leaves nothing', async () => {
  let pid = 0
  let root = ''
  {
    await using running = await startArbiter('[watcher:web]\ncmd = sleep 60\n')
    root = running.folder.root
    pid = (await running.events.event('web.spawn')).payload['process_pid'] as number
    const { pids } = await running.client.call<{ pids: number[] }>('list', { name: 'web' })
    assert.deepEqual(pids, [pid])
    assert.ok(isAlive(pid))
  }
  assert.equal(isAlive(pid), false)
  assert.equal(existsSync(root), false)
})

test('typed configurations work as well, and a wait that is in vain says what came instead', async () => {
  await using running = await startArbiter({ watchers: [{ name: 'web', cmd: 'sleep 60', numprocesses: 2 }] })
  await running.events.event('web.spawn', { count: 2 })
  await assert.rejects(
    running.events.until(({ event }) => event === 'never', { timeoutMs: 20 }),
    /web\.start/,
  )
})
