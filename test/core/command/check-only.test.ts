import assert from 'node:assert/strict'
import test from 'node:test'
import { startArbiter } from '../../harness/index.ts'

test('add and set that only check tell what would be, and change nothing', async () => {
  await using running = await startArbiter('[watcher:web]\ncmd = sleep 1000\n')
  const { client, arbiter } = running
  const set = (options: object) =>
    client.call<{ effect: string; changed: string[] }>('set', { name: 'web', options, check: true })

  const { effect, changed } = await set({ cmd: 'sleep 2', graceful_timeout: 1 })
  assert.deepEqual({ effect, changed }, { effect: 'replace', changed: ['cmd', 'graceful_timeout'] })
  assert.equal((await set({ numprocesses: 3 })).effect, 'resize')
  assert.equal(arbiter.watcher('web').options.cmd, 'sleep 1000')
  assert.equal(arbiter.watcher('web').options.numprocesses, 1)
  await assert.rejects(set({ numprocesses: 'many' }), { code: 'ERR_OPTION_INVALID' })

  await client.call('add', { name: 'new', cmd: 'sleep 1', check: true, start: true })
  assert.deepEqual(
    arbiter.watchers.map(({ name }) => name),
    ['web'],
  )
  await assert.rejects(client.call('add', { name: 'WEB', cmd: 'sleep 1', check: true }), { code: 'ERR_WATCHER_EXISTS' })
})

test('watcheroptions tells of every option what it is for and what changing it does', async () => {
  await using running = await startArbiter('[watcher:web]\ncmd = sleep 1000\n')
  const { options } = await running.client.call<{ options: Record<string, { effect: string }> }>('watcheroptions')
  assert.deepEqual(
    [options['cmd']?.effect, options['numprocesses']?.effect, options['priority']?.effect],
    ['replace', 'resize', 'none'],
  )
})
