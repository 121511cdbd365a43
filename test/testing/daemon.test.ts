import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { startDaemon } from '../../testing/index.ts'
import { isAlive, temporaryFolder, untilDead } from '../harness/index.ts'

/** Tells of each death; fails at those with code 3. */
const undertaker = `
  export default {
    name: 'undertaker',
    setup(circus) {
      circus.on('reap', ({ watcher, exit_code }) => {
        if (exit_code === 3) throw new Error('three is too many')
        circus.log.info(watcher + ' ended with ' + exit_code)
      })
    },
  }`

for (const isolated of [false, true]) {
  const where = isolated ? 'isolated' : 'in the daemon'

  test(`${where}: a daemon of a test runs its plugins, tells what happens, and leaves nothing`, async () => {
    let pids: number[] = []
    let root = ''
    {
      await using daemon = await startDaemon({
        watchers: [{ name: 'web', cmd: 'sleep 60' }],
        plugins: [{ name: 'mine', use: './undertaker.ts' }],
        files: { 'undertaker.ts': undertaker },
        isolated,
      })
      root = daemon.folder.root
      const { busyMs, ...plugin } = daemon.plugin('mine')
      assert.deepEqual(plugin, { state: 'running', isolated, failures: [] })
      assert.ok(busyMs >= 0)
      assert.equal(daemon.plugin('yours').state, 'missing')
      pids = daemon.arbiter.watchers.flatMap((watcher) => watcher.pids)
      const { process_pid: pid } = await daemon.event('web.spawn')
      process.kill(Number(pid), 'SIGKILL')
      await daemon.event('reap', { process_pid: pid, exit_code: -9 })
      await daemon.log.record(/^info plugins: mine: web ended with -9$/)

      await daemon.call('add', { name: 'three', cmd: `sh -c 'exit 3'`, start: true, options: { respawn: false } })
      const failure = await daemon.event('plugin.mine.failure')

      assert.equal(failure['error'], 'three is too many')
      assert.equal(daemon.plugin('mine').failures[0]?.what, 'the listener for reap')
    }
    assert.equal(pids.length, isolated ? 2 : 1)
    assert.deepEqual(pids.filter(isAlive), [])
    assert.equal(existsSync(root), false)
  })

  test(`${where}: a plugin that is not at work fails the test with the reason, and nothing stays`, async () => {
    const files = { 'bad.ts': `export default { name: 'bad', setup() { throw new Error('no mood') } }` }
    const start = (section: object) =>
      startDaemon({ plugins: [{ name: 'mine', use: './bad.ts', ...section }], files, isolated })

    await assert.rejects(start({}), /plugin mine was not (loaded|set up in its process):\n +no mood/s)
    await assert.rejects(start({ colour: 'red' }), /plugin mine was not loaded.*takes no options, so no colour/s)
    await assert.rejects(start({ use: './none.ts' }), /plugin mine was not loaded.*there is no file .*none\.ts/s)
  })
}

test('an ini does as well, and a plugin by the URL of its file', async () => {
  using author = temporaryFolder({ 'mine.ts': undertaker })
  await using written = await startDaemon(`
[watcher:web]
cmd = sh -c 'test -d FOLDER && exit 1'
respawn = False
`)
  assert.equal((await written.event('web.reap'))['exit_code'], 1)
  await using typed = await startDaemon({ plugins: [{ name: 'x', use: pathToFileURL(author.path('mine.ts')) }] })
  assert.equal(typed.plugin('x').state, 'running')
  await assert.rejects(startDaemon({ ini: '[watcher:web]', watchers: [] }), /write watchers into the ini/)
  await assert.rejects(startDaemon('[watcher:web]\nnumprocesses = many\n'), /numprocesses/)
})

test('a wait that is in vain says what was wanted and all that came', async () => {
  await using daemon = await startDaemon({ watchers: [{ name: 'web', cmd: 'sleep 60' }] })
  await assert.rejects(daemon.event('web.reap', { exit_code: 1 }, { timeoutMs: 20 }), (error: Error) => {
    assert.match(error.message, /^not within 20 ms: web\.reap with { exit_code: 1 }; there were:\n/)
    assert.match(error.message, /^ {2}web\.spawn {.*"process_pid":\d+/m)
    return true
  })
})

const timers = `
  export default {
    name: 'timers',
    setup(circus) {
      circus.every(5, async () => { await circus.call('numwatchers'); circus.log.info('every 5') })
      circus.every(2, () => circus.log.info('every 2'))
      const cancel = circus.after(3, () => circus.log.info('never'))
      circus.after(1, () => { cancel(); circus.after(0.5, () => circus.log.info('after 1.5')) })
    },
  }`

test('with a manual clock timers of plugins run when the test says so, in their order', async () => {
  await using daemon = await startDaemon({
    plugins: [{ name: 'timers', use: './timers.ts' }],
    files: { 'timers.ts': timers },
    clock: 'manual',
  })
  const told = () => daemon.log.matching(/every|after|never/).map((record) => record.replace(/.*: /, ''))
  await daemon.tick(0.9)
  assert.deepEqual(told(), [])
  await Promise.all([daemon.tick(0.1), daemon.tick(9)])
  assert.deepEqual(told(), ['after 1.5', 'every 2', 'every 2', 'every 5', 'every 2', 'every 2', 'every 5', 'every 2'])
  await daemon.arbiter.plugins.unload('timers')
  await daemon.tick(60)
  assert.equal(told().length, 8)
})

test('a manual clock is refused where there can be none', async () => {
  await using daemon = await startDaemon()
  await assert.rejects(daemon.tick(1), /clock: 'manual'/)
  const plugins = [{ name: 'timers', use: './timers.ts' }]
  const files = { 'timers.ts': timers }
  await assert.rejects(startDaemon({ plugins, files, clock: 'manual', isolated: true }), /timers is isolated/)
})

test('a program that ends in the midst of a test leaves no process and no folder', async () => {
  using author = temporaryFolder({
    'suite.ts': `
      import { startDaemon } from ${JSON.stringify(import.meta.resolve('../../testing/index.ts'))}
      const daemon = await startDaemon({ watchers: [{ name: 'web', cmd: 'sleep 60' }], plugins: [{ name: 'flapping' }], isolated: true })
      console.log(JSON.stringify([daemon.folder.root, daemon.arbiter.watchers.flatMap(({ pids }) => pids)]))
      process.exit()`,
  })
  const { stdout, stderr } = spawnSync(process.execPath, [author.path('suite.ts')], { encoding: 'utf8' })
  assert.equal(stderr, '')
  const [root, pids] = JSON.parse(stdout)
  assert.equal(pids.length, 2)
  await untilDead(...pids)
  assert.equal(existsSync(root), false)
})

test('in a thread, where there can be no daemon, it says what to do', () => {
  using author = temporaryFolder({
    'suite.ts': `
      import { Worker, isMainThread } from 'node:worker_threads'
      import { startDaemon } from ${JSON.stringify(import.meta.resolve('../../testing/index.ts'))}
      if (isMainThread) new Worker(new URL(import.meta.url))
      else await startDaemon().catch(({ message }) => console.log(message))`,
  })
  const { stdout } = spawnSync(process.execPath, [author.path('suite.ts')], { encoding: 'utf8' })
  assert.match(stdout, /runs this test in a thread.*pool: 'forks'/)
})
