import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { EventBus } from '../../../core/events.ts'
import type { Hooks } from '../../../core/hooks.ts'
import { definePlugin } from '../../../core/index.ts'
import type { HostContext } from '../../../core/plugin/host.ts'
import { PluginHost } from '../../../core/plugin/host.ts'
import { LogRecorder, startArbiter, temporaryFolder } from '../../harness/index.ts'

const withWatcher = (plugin: string) => `[watcher:web]\ncmd = sleep 60\n[plugin:mine]\n${plugin}\n`

for (const [what, source, message] of [
  ['throws', 'export default { name: "mine", setup() { throw new Error("no mood") } }', /no mood/],
  ['rejects', 'export default { name: "mine", async setup() { throw new Error("too late") } }', /too late/],
  ['is no plugin', 'export default 42', /is not definePlugin/],
] as const) {
  test(`a plugin whose setup ${what} is left out with a line in the log, and the daemon runs`, async () => {
    await using running = await startArbiter(withWatcher('use = ./mine.ts'), { files: { 'mine.ts': source } })

    const record = await running.log.record(/\[plugin:mine\] is left out/)

    assert.match(record, /^error plugins: .*circus\.ini:3: /)
    assert.match(record, message)
    assert.equal(running.arbiter.watcher('web').status, 'active')
  })
}

test('what a failing setup had registered is gone', async () => {
  const source = `export default { name: 'mine', kernel: true, setup(circus) {
    circus.hooks.beforeStart.tap('mine', () => false)
    circus.command({ name: 'mine', summary: '', properties: { '~standard': { validate: (value) => ({ value }) } }, execute() {} })
    circus.log.info('contributed')
    throw new Error('no mood')
  } }`
  await using running = await startArbiter(withWatcher('use = ./mine.ts'), { files: { 'mine.ts': source } })
  assert.equal(running.log.matching(/contributed/).length, 1)
  assert.equal(running.arbiter.watcher('web').status, 'active')
  await assert.rejects(running.client.call('mine'), /unknown command/)
})

test('a setup, or a disposer, that hangs is passed over', async () => {
  using folder = temporaryFolder({
    'setup.ts': 'export default { name: "setup", setup: () => new Promise(() => {}) }',
    'dispose.ts': 'export default { name: "dispose", setup: () => () => new Promise(() => {}) }',
  })
  const log = new LogRecorder()
  const hooks = {} as Hooks
  const events = new EventBus(hooks)
  const host = new PluginHost({ log: log.log, folder: folder.root, hooks, events, patienceMs: 50 } as HostContext)
  const origin = { file: 'test', line: 1 }
  const config = (name: string) => ({ name, use: `./${name}.ts`, isolate: false, priority: 0, options: {}, origin })

  assert.equal(await host.load(config('setup')), false)
  assert.equal(await host.load(config('dispose')), true)
  await host.unload('dispose')

  await log.record(/\[plugin:setup\] is left out: no end after 0\.05 s/)
  await log.record(/dispose: its disposer failed: no end after 0\.05 s/)
})

test('options are checked by the schema, and the message names the one that is wrong', async () => {
  for (const [option, message] of [
    ['attempts = many', /left out: plugin mine: attempts: .*number/],
    ['attempts = 0', /left out: plugin mine: attempts: /],
    ['windw = 3', /left out: plugin mine: .*"windw"/],
    ['active_ = 3\nretry_in = soon', /retry_in: .*; .*"active_"/],
  ] as const) {
    await using running = await startArbiter(withWatcher(`use = flapping\n${option}`))
    assert.match(await running.log.record(/left out/), message)
  }
})

test('a plugin without a schema takes no options', async () => {
  const files = { 'mine.ts': 'export default { name: "mine", setup() {} }' }
  await using running = await startArbiter(withWatcher('use = ./mine.ts\ncolour = red'), { files })
  await running.log.record(/\[plugin:mine\] is left out: plugin mine: it takes no options, so no colour/)
})

test('plugins are loaded by falling priority', async () => {
  const source = 'export default { name: "any", setup({ log }) { log.info("here") } }'
  const section = (name: string, priority: number) => `[plugin:${name}]\nuse = ./any.ts\npriority = ${priority}\n`
  await using running = await startArbiter(section('low', 1) + section('high', 9) + section('middle', 5), {
    files: { 'any.ts': source },
  })
  assert.deepEqual(running.log.matching(/: here$/), [
    'info plugins: high: here',
    'info plugins: middle: here',
    'info plugins: low: here',
  ])
})

test('definePlugin types the options of setup by the schema', () => {
  definePlugin({
    name: 'typed',
    options: z.object({ size: z.coerce.number() }),
    setup(_circus, { size }) {
      const sure: number = size
      // @ts-expect-error: size is a number
      const wrong: string = size
      return () => void [sure, wrong]
    },
  })
})
