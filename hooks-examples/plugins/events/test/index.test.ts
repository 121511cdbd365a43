import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startDaemon } from 'circusd/testing'

const use = new URL('../src/index.ts', import.meta.url)
const web = { name: 'web', cmd: 'sleep 60' }

for (const isolated of [false, true]) {
  test(`${isolated ? 'isolated' : 'in the daemon'}: the ends of processes are told`, async () => {
    await using daemon = await startDaemon({
      watchers: [web],
      plugins: [{ name: 'my-plugin', use, interval: 0.1 }],
      isolated,
    })
    await daemon.call('restart', { name: 'web', waiting: true })
    await daemon.log.record(/web is active: processes that have ended: 1/)
    assert.deepEqual(daemon.plugin('my-plugin').failures, [])
  })
}

test('fewer than so many are not worth a line, and each look begins anew', async () => {
  await using daemon = await startDaemon({
    watchers: [web],
    plugins: [{ name: 'my-plugin', use, least: 2 }],
    clock: 'manual',
  })
  let ends = 0
  const restart = async () => {
    await daemon.call('restart', { name: 'web', waiting: true })
    await daemon.event('web.reap', {}, { count: ++ends })
  }
  await restart()
  await daemon.tick(60)
  await restart()
  await daemon.tick(60)
  assert.deepEqual(daemon.log.matching(/have ended/), [])
  await restart()
  await restart()
  await daemon.tick(60)
  assert.equal(daemon.log.matching(/have ended: 2$/).length, 1)
})

test('wrong options are told with what to write', async () => {
  const plugins = [{ name: 'my-plugin', use, interval: 'often' }]
  await assert.rejects(startDaemon({ plugins }), /interval.* must be a number/)
})
