import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startArbiter } from '../../harness/index.ts'

const vetoing = { 'no.ts': 'export default () => false\nexport const yes = () => true\n' }

test('set gives a watcher a hook, changes it and takes it away, each at once', async () => {
  await using running = await startArbiter('[watcher:web]\ncmd = sleep 60\nautostart = false\n', { files: vetoing })
  const { client } = running
  const set = (target: string | null) =>
    client.call('set', { name: 'web', options: { 'hooks.before_start': target }, waiting: true })
  const tries = async () => {
    await client.call('start', { name: 'web', waiting: true })
    await client.call('stop', { name: 'web', waiting: true })
  }
  await tries()

  await set('./no.ts')
  await assert.rejects(tries(), /before_start/)
  await set('./no.ts:yes')
  await tries()
  await set('./no.ts:default')
  await assert.rejects(tries(), /before_start/)
  await set(null)
  await tries()
})

test('a watcher that is added while the daemon runs has its hooks', async () => {
  await using running = await startArbiter({ watchers: [] })
  running.folder.write('no.cjs', 'exports.no = () => false')
  const options = { 'hooks.after_start': `${running.folder.path('no.cjs')}:no` }

  await assert.rejects(
    running.client.call('add', { name: 'web', cmd: 'sleep 60', options, start: true, waiting: true }),
    /after_start/,
  )
})

test('reloadconfig that changes the options of the plugin, or drops its section, keeps the hooks', async () => {
  const ini = (plugin: string) =>
    `[watcher:web]\ncmd = sleep 60\nautostart = false\nhooks.before_start = ./no.ts\n${plugin}
[circus]\nendpoint = ipc://FOLDER/control.sock\npubsub_endpoint = ipc://FOLDER/events.sock\n`
  await using running = await startArbiter(ini('[plugin:hooks]\ntimeout = 5\n'), { files: vetoing })
  const vetoed = () => assert.rejects(running.client.call('start', { name: 'web', waiting: true }), /before_start/)
  await vetoed()

  for (const plugin of ['[plugin:hooks]\ntimeout = 7\n', '']) {
    running.folder.write('circus.ini', ini(plugin).replaceAll('FOLDER', running.folder.root))
    await running.client.call('reloadconfig', { waiting: true })
    await vetoed()
  }
  assert.equal(running.arbiter.plugins.loaded.length, 1)
})

test('hooks of watchers that come at the same time are loaded once', async () => {
  await using running = await startArbiter({ watchers: [] }, { files: { 'yes.ts': 'export default () => true\n' } })
  const options = { 'hooks.before_start': running.folder.path('yes.ts') }

  await Promise.all(
    ['a', 'b', 'c'].map((name) =>
      running.client.call('add', { name, cmd: 'sleep 60', options, start: true, waiting: true }),
    ),
  )

  assert.equal(running.events.all.filter(({ event }) => event === 'hook_success').length, 3)
})
