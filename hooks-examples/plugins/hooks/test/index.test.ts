import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { test } from 'node:test'
import { startDaemon } from 'circusd/testing'

const use = new URL('../src/index.ts', import.meta.url)
const web = { name: 'web', cmd: 'sleep 60' }

test('nothing starts while the file is there; once it is gone, it does', async () => {
  await using daemon = await startDaemon({
    watchers: [web],
    plugins: [{ name: 'my-plugin', use }],
    files: { maintenance: '' },
  })
  await daemon.event('web.held_back', { file: daemon.folder.path('maintenance') })
  assert.equal((await daemon.call('status', { name: 'web' })).status, 'stopped')

  rmSync(daemon.folder.path('maintenance'))
  await daemon.call('start', { name: 'web', waiting: true })

  assert.equal((await daemon.call('status', { name: 'web' })).status, 'active')
  assert.deepEqual(daemon.plugin('my-plugin').failures, [])
})

test('a process finds in its environment who started it', async () => {
  await using daemon = await startDaemon({
    watchers: [{ name: 'web', cmd: 'env', respawn: false }],
    plugins: [{ name: 'my-plugin', use }],
  })
  await daemon.event('web.reap', { exit_code: 0 })
  const { lines } = await daemon.call<{ lines: { line: string }[] }>('tail', { name: 'web', lines: 100 })
  assert.ok(lines.some(({ line }) => line === 'STARTED_BY=my-plugin'))
})
