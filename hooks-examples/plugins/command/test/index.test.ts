import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startDaemon } from 'circusd/testing'

const use = new URL('../src/index.ts', import.meta.url)

test('the command tells which processes have ended, and how', async () => {
  await using daemon = await startDaemon({
    watchers: [
      { name: 'job', cmd: `sh -c 'exit 3'`, respawn: false },
      { name: 'web', cmd: 'sleep 60' },
    ],
    plugins: [{ name: 'my-plugin', use }],
  })
  const { process_pid: pid } = await daemon.event('job.reap')
  const expected = [{ watcher: 'job', pid, code: 3 }]

  assert.deepEqual((await daemon.call('my-plugin'))['ends'], expected)
  assert.deepEqual((await daemon.call('my-plugin', { watcher: 'job', last: 1 }))['ends'], expected)
  assert.deepEqual((await daemon.call('my-plugin', { watcher: 'web' }))['ends'], [])
})

test('what cannot be answered is refused, and that is no failure of the plugin', async () => {
  await using daemon = await startDaemon({ plugins: [{ name: 'my-plugin', use }] })

  await assert.rejects(daemon.call('my-plugin', { watcher: 'nobody' }), { code: 'ERR_WATCHER_UNKNOWN' })
  await assert.rejects(daemon.call('my-plugin', { last: 'many' }), { code: 'ERR_PROPERTY_INVALID' })
  assert.deepEqual(daemon.plugin('my-plugin').failures, [])
})
