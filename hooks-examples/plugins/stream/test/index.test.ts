import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startDaemon } from 'circusd/testing'

const use = new URL('../src/index.ts', import.meta.url)
const plugins = [{ name: 'my-plugin', use }]

test('lines like the pattern are published, others are not', async () => {
  await using daemon = await startDaemon({
    plugins,
    watchers: [
      {
        name: 'job',
        cmd: `sh -c 'echo fine; echo error: one; echo fine; printf "error: two"'`,
        respawn: false,
        stdout_stream: { class: 'MyPlugin', pattern: '^error' },
      },
    ],
  })
  await daemon.event('job.line', { stream: 'stdout', line: 'error: one' })
  await daemon.event('job.line', { line: 'error: two' })
  assert.equal(daemon.events.filter(({ event }) => event === 'line').length, 2)
  assert.deepEqual(daemon.plugin('my-plugin').failures, [])
})

test('a pattern that is none is told, with the watcher it is of', async () => {
  await using daemon = await startDaemon({
    plugins,
    watchers: [{ name: 'web', cmd: 'sleep 60', stderr_stream: { class: 'MyPlugin', pattern: '[' } }],
  })
  await daemon.log.record(/watcher:web\] stderr_stream.pattern = .*: it must be a regular expression/)
})
