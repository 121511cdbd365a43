import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Overseer } from '../../../core/plugin/overseer.ts'
import { type RunningArbiter, startArbiter, untilTrue } from '../../harness/index.ts'

const crier = fileURLToPath(new URL('../../fixtures/plugins/crier.ts', import.meta.url))

const stateOf = async ({ client }: RunningArbiter, name: string) => {
  const { plugins } = await client.call<{ plugins: { name: string; state: string; reason?: string }[] }>('plugins')
  return plugins.find((plugin) => plugin.name === name)
}

for (const way of ['in the daemon', 'in a process of its own']) {
  test(`100,000 lines of a plugin ${way} are bounded in the log, counted and told`, async () => {
    const isolate = way !== 'in the daemon'
    const source = `export default { name: 'loud', setup(circus) {
      for (let i = 0; i < 100_000; i++) circus.log.info('line ' + i)
    } }`
    await using running = await startArbiter(
      `[watcher:web]\ncmd = sleep 60\n[plugin:loud]\nuse = ./loud.ts\nisolate = ${isolate}\n`,
      { files: { 'loud.ts': source } },
    )
    const dropped = () => running.arbiter.plugins.describe()[0]?.dropped_lines
    await untilTrue(() => dropped() === 99_500, 'lines left out')
    if (isolate) return
    await running.log.record(/loud: 99500 lines were left out: it may log 500 in a second/)
    assert.equal(running.log.matching(/loud: line/).length, 500)
  })
}

test('an isolated plugin that is stopped hangs, and is heard of again', async () => {
  await using running = await startArbiter(`[plugin:crier]\nuse = ${crier}\nisolate = true\n`)
  const [plugin] = running.arbiter.plugins.loaded
  assert.ok(plugin?.where === 'isolated')
  const notes: string[] = []
  const context = { watcher: (name: string) => running.arbiter.watcher(name), onFailure() {} }
  const overseer = new Overseer({ ...context, onNote: (_, note) => notes.push(note), patienceMs: 0 })
  overseer.add(plugin)
  try {
    await untilTrue(() => running.arbiter.plugins.isRunning('crier'), 'crier at work')
    overseer.look()
    assert.equal(overseer.state(plugin).state, 'hanging')
    assert.match(notes[0]!, /^its process \d+ was not heard of for \d+ s: it hangs$/)
    overseer.look()
    plugin.record.heardAt = Number.POSITIVE_INFINITY
    overseer.look()
  } finally {
    overseer.delete(plugin)
  }
  assert.equal(notes.length, 2)
  assert.match(notes[1]!, /is heard of again$/)
  assert.equal(overseer.state(plugin).state, 'running')
})

test('an isolated plugin that ends after more than a second is started again after a pause, too', async () => {
  const source = 'export default { name: "brief", setup() { setTimeout(() => process.exit(3), 1000) } }'
  await using running = await startArbiter('[plugin:brief]\nuse = ./brief.ts\nisolate = true\n', {
    files: { 'brief.ts': source },
  })
  await running.log.record(/plugin:brief: short lives in a row: 1; its successor comes in 0\.1 s/)
})

test('a plugin that was left out stays visible with why, until its section is gone', async () => {
  await using running = await startArbiter('[watcher:web]\ncmd = sleep 60\n[plugin:none]\nuse = ./none.ts\n')
  assert.deepEqual(
    [(await stateOf(running, 'none'))?.state, /there is no file/.test((await stateOf(running, 'none'))?.reason ?? '')],
    ['left out', true],
  )
  await running.arbiter.plugins.unload('none')
  assert.equal(await stateOf(running, 'none'), undefined)
})

test('an isolated plugin whose watcher is stopped is stopped, and says why', async () => {
  await using running = await startArbiter(`[plugin:crier]\nuse = ${crier}\nisolate = true\n`)
  await running.client.call('stop', { name: 'plugin:crier', waiting: true, reason: 'enough' })
  const crierPlugin = await stateOf(running, 'crier')
  assert.deepEqual([crierPlugin?.state, crierPlugin?.reason], ['stopped', 'enough'])
})

test('the limits of an isolated plugin are those of its section, and its options are without them', async () => {
  const source = `import { readFileSync } from 'node:fs'
    export default { name: 'limited', setup(circus) {
      const [, files] = /^Max open files +(\\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))
      circus.cast('add', { name: 'files-' + files + process.execArgv.at(-1), cmd: 'sleep 60' })
    } }`
  await using running = await startArbiter(
    '[plugin:limited]\nuse = ./limited.ts\nisolate = true\nrlimit_nofile = 321\nisolate_memory = 100MB\n',
    { files: { 'limited.ts': source } },
  )
  await running.events.event('files-321--max-old-space-size=100.add')
})

for (const [section, why] of [
  ['rlimit_nofile = 20', /rlimit_nofile is for plugins with isolate = true/],
  ['isolate = true\nisolate_memory = much', /isolate_memory must be a size like 256MB, or 0 for no limit, not "much"/],
  ['isolate = true\nrlimit_nofile = much', /rlimit_nofile/],
] as const) {
  test(`a section with ${section.replace('\n', ', ')} is left out, and says what to write`, async () => {
    await using running = await startArbiter(`[plugin:crier]\nuse = ${crier}\n${section}\n`)
    const left = await stateOf(running, 'crier')
    assert.equal(left?.state, 'left out')
    assert.match(left?.reason ?? '', why)
    assert.deepEqual(running.arbiter.watchers, [])
  })
}
