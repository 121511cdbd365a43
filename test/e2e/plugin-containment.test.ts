import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PluginDescription } from '../../core/plugin/description.ts'
import { Daemon } from './support/daemon.ts'
import { Folder } from './support/folder.ts'

const web = '[watcher:web]\ncmd = sleep 1000\nnumprocesses = 2\n'

/** The plugins of a daemon, by name. */
async function pluginsOf(daemon: Daemon): Promise<Record<string, PluginDescription>> {
  const { plugins } = JSON.parse((await daemon.ctl('--json', 'plugins')).stdout)
  return Object.fromEntries(plugins.map((plugin: PluginDescription) => [plugin.name, plugin]))
}

/** Kill the processes of `web`, and wait until there are as many others. */
async function assertSupervised(daemon: Daemon): Promise<void> {
  const before = await daemon.pids('web')
  for (const pid of before) process.kill(pid, 'SIGKILL')
  let after = before
  while (after.length < 2 || after.some((pid) => before.includes(pid))) after = await daemon.pids('web')
}

test('what a plugin in the daemon throws where nobody waits is its own failure, and it cannot end the daemon', async () => {
  using folder = new Folder()
  folder.write(
    'bad.ts',
    `import { EventEmitter } from 'node:events'
     import { connect } from 'node:net'
     export default { name: 'bad', setup(circus) {
       circus.on('start', async () => {
         setTimeout(() => { throw new Error('from a timer of its own') }, 1)
         void Promise.reject(new Error('from a detached promise'))
         setImmediate(() => new EventEmitter().emit('error', new Error('from an emitter')))
         connect('${folder.at('nobody')}')
         setTimeout(() => process.exit(7), 5)
         setTimeout(() => process.abort(), 10)
         await null
         process.exit(8)
       })
     } }`,
  )
  folder.write('exits.ts', 'export default { name: "exits", setup() { process.exit(9) } }')
  const ini = `${web}[plugin:bad]\nuse = ./bad.ts\n[plugin:exits]\nuse = ./exits.ts\n`
  await using daemon = await Daemon.start(folder, ini)
  for (const what of [
    String.raw`code that nobody waits for \(.*bad\.ts:5:\d+\)\) failed: from a timer of its own`,
    'a promise that nobody waits for .*: from a detached promise',
    'code that nobody waits for .*: from an emitter',
    'code that nobody waits for failed: connect ENOENT',
    String.raw`code that nobody waits for .*: process\.exit\(\) would end the daemon`,
    String.raw`code that nobody waits for .*: process\.abort\(\) would end the daemon`,
    String.raw`the listener for start failed: process\.exit\(\) would end the daemon`,
  ]) {
    await daemon.line(new RegExp(`plugins: bad: ${what}`))
  }
  await assertSupervised(daemon)

  const { bad, exits } = await pluginsOf(daemon)
  assert.equal(bad?.state, 'running')
  assert.ok(bad.failures! >= 14, `of two watchers that start: ${bad.failures}`)
  assert.ok(Math.abs(bad.last_failure!.time - Date.now() / 1000) < 60)
  assert.deepEqual([exits?.state, exits?.isolated], ['left out', false])
  assert.match(exits?.reason ?? '', /process\.exit\(\) would end the daemon/)
  const shown = (await daemon.ctl('plugins')).stdout
  assert.match(shown, /^PLUGIN +STATE +RUNS IN .*\nbad +running +daemon .*bad\.ts$/m)
  assert.match(shown, /^exits: left out: .*process\.exit/m)
})

test('what a plugin in the daemon prints by console is bounded, and what was too much is counted', async () => {
  using folder = new Folder()
  const source = `export default { name: 'loud', setup() {
    setImmediate(() => { for (let i = 0; i < 10_000; i++) console.error('printed ' + i) })
  } }`
  folder.write('loud.ts', source)
  await using daemon = await Daemon.start(folder, `${web}[plugin:loud]\nuse = ./loud.ts\n`)
  await daemon.line(/^printed 499$/m)
  await daemon.line(/loud: 9500 lines were left out: it may log 500 in a second/)
  assert.equal((await pluginsOf(daemon))['loud']?.dropped_lines, 9500)
})

test('isolated plugins that leak, crash and hang are limited and restarted, and nothing else notices', async () => {
  using folder = new Folder()
  folder.write(
    'leaks.ts',
    `export default { name: 'leaks', setup(circus) {
       const kept = []
       circus.after(0.01, () => { while (kept.length < 500) kept.push(Buffer.alloc(1e6, 1)) })
     } }`,
  )
  folder.write(
    'crashes.ts',
    `export default { name: 'crashes', setup(circus) { setTimeout(() => { throw new Error('nobody waits') }, 10) } }`,
  )
  folder.write(
    'blocks.ts',
    `export default { name: 'blocks', setup(circus) { circus.after(0.01, () => { for (;;); }) } }`,
  )
  folder.write('never.ts', `export default { name: 'never', setup: () => new Promise(() => {}) }`)
  const section = (name: string, more = '') => `[plugin:${name}]\nuse = ./${name}.ts\nisolate = true\n${more}`
  const memory = 'isolate_memory = 200MB\n'
  const ini = `${web}${section('leaks', memory)}${section('crashes')}${section('blocks')}${section('never')}`
  await using daemon = await Daemon.start(folder, ini)
  await daemon.line(/plugins: leaks: its process \d+: it uses .*M of memory, and may use 200\.00M \(isolate_memory\)/)
  await daemon.line(/plugin:leaks: process \d+ \(wid 1\) killed by SIGKILL/)
  await daemon.line(
    /plugin:crashes: process \d+ \(wid 1\) exited with status 1(.|\n)*plugin:crashes: process \d+ .* status 1/,
  )
  await assertSupervised(daemon)
  // What blocks hears of no signal: the end of the test need not wait for it.
  await daemon.ctl('set', 'plugin:blocks', 'graceful_timeout', '0.1')

  const { leaks, crashes, blocks, never } = await pluginsOf(daemon)
  assert.ok(leaks!.failures! >= 1 && leaks!.isolated)
  assert.match(leaks!.last_failure!.error, /isolate_memory/)
  assert.deepEqual(
    [crashes!.last_failure!.what, crashes!.last_failure!.error],
    ['code that nobody waits for', 'nobody waits'],
  )
  assert.ok(crashes!.failures! >= 2)
  assert.ok(blocks!.cpu_seconds! > 0.1 && blocks!.rss! > 0)
  assert.equal(blocks!.pid, (await daemon.pids('plugin:blocks'))[0])
  assert.equal(never!.state, 'starting')
})
