import assert from 'node:assert/strict'
import { renameSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import test from 'node:test'
import { Daemon, lives } from './support/daemon.ts'
import { Folder } from './support/folder.ts'
import { bin, Program, root } from './support/program.ts'

const stubborn = `
[watcher:stubborn]
cmd = sh -c 'trap "" TERM; echo deaf; while :; do sleep 1000; done'
graceful_timeout = 60
`

for (const signal of ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const) {
  test(`${signal} stops every watcher gracefully and exits 0`, async () => {
    using folder = new Folder()
    const polite = `[watcher:polite]\ncmd = sh -c 'trap "echo goodbye; exit" TERM; echo up; while :; do sleep 0.1; done'\n`
    await using daemon = await Daemon.start(folder, polite)
    await daemon.line(/^up$/m)
    const pids = [...(await daemon.pids('polite')), ...(await daemon.pids('last'))]

    daemon.kill(signal)

    assert.deepEqual(await daemon.end(), { code: 0, signal: null })
    assert.match(daemon.stdout, /goodbye/)
    assert.equal(pids.length, 2)
    assert.deepEqual(pids.filter(lives), [])
  })
}

test('a second signal kills what is left and exits 3', async () => {
  using folder = new Folder()
  await using daemon = await Daemon.start(folder, stubborn)
  await daemon.line(/deaf/)
  const [pid] = await daemon.pids('stubborn')
  daemon.kill('SIGTERM')
  await daemon.line(/got SIGTERM/)

  daemon.kill('SIGINT')

  assert.deepEqual(await daemon.end(), { code: 3, signal: null })
  assert.equal(lives(pid!), false)
})

test('a plugin that hangs at the start and at the end cannot keep the daemon', async () => {
  using folder = new Folder()
  const never = 'new Promise(() => setInterval(() => {}, 60_000))'
  const hooks = `circus.hooks.started.tapPromise('hang', () => ${never})`
  folder.write(
    'hang.js',
    `export default { name: 'hang', kernel: true, setup(circus) { ${hooks}; return () => ${never} } }`,
  )
  await using daemon = await Daemon.start(folder, '[plugin:hang]\nuse = ./hang.js\n')
  const [pid] = await daemon.pids('last')
  daemon.kill('SIGTERM')
  await daemon.line(/got SIGTERM/)

  daemon.kill('SIGTERM')

  assert.deepEqual(await daemon.end(), { code: 3, signal: null })
  assert.equal(lives(pid!), false)
})

test('one Ctrl-C that arrives twice, as under npm, still stops gracefully', async () => {
  using folder = new Folder()
  const polite = `[watcher:polite]\ncmd = sh -c 'trap "sleep 0.5; echo goodbye; exit" TERM; echo up; while :; do sleep 0.1; done'\n`
  await using daemon = await Daemon.start(folder, polite)
  await daemon.line(/^up$/m)

  daemon.kill('SIGINT')
  await daemon.line(/got SIGINT/)
  daemon.kill('SIGINT')

  assert.deepEqual(await daemon.end(), { code: 0, signal: null })
  assert.match(daemon.stdout, /goodbye/)
})

test('SIGTERM during a start that waits cuts it short', async () => {
  using folder = new Folder()
  const ini =
    '[watcher:first]\ncmd = sh -c "echo first up; exec sleep 1000"\n[watcher:second]\ncmd = sleep 1000\npriority = -1\n'
  const file = folder.write('circus.ini', `${folder.circus}warmup_delay = 600\n${ini}`)
  await using daemon = new Daemon(folder, file)
  await daemon.line(/first up/)

  daemon.kill('SIGTERM')

  assert.deepEqual(await daemon.end(), { code: 0, signal: null })
})

test('SIGHUP replaces the processes gracefully and reopens the log', async () => {
  using folder = new Folder()
  const log = folder.at('log')
  await using daemon = await Daemon.start(folder, '[watcher:web]\ncmd = sleep 1000\n', ['--log-output', log])
  const before = await daemon.pids('web')
  await using events = new Program(process.execPath, [bin('circusctl'), '--endpoint', daemon.endpoint, 'listen'])
  // The first event proves that the subscription is there.
  while (!/updated/.test(events.stdout)) {
    await daemon.ask('set', 'web', 'graceful_timeout', '5')
    await Promise.race([events.line(/updated/), new Promise((resolve) => setTimeout(resolve, 100))])
  }
  renameSync(log, `${log}.1`)

  daemon.kill('SIGHUP')
  await events.line(/watcher\.web\.reload/)

  const after = await daemon.pids('web')
  assert.equal(after.length, 1)
  assert.notDeepEqual(after, before)
  assert.match(await readFile(log, 'utf8'), /SIGHUP/)
})

test('SIGUSR1, SIGUSR2 and SIGPIPE do nothing', async () => {
  using folder = new Folder()
  await using daemon = await Daemon.start(folder, '')

  for (const signal of ['SIGUSR1', 'SIGUSR2', 'SIGPIPE'] as const) daemon.kill(signal)

  assert.equal((await daemon.ask('numwatchers')).numwatchers, 1)
  assert.doesNotMatch(daemon.stderr, /[Dd]ebugger/)
})

test('the daemon lives on when nobody reads its output any more', async () => {
  using folder = new Folder()
  await using daemon = await Daemon.start(folder, '', ['--log-level', 'debug'])

  daemon.child.stdout?.destroy()
  daemon.child.stderr?.destroy()
  for (let i = 0; i < 5; i++) await daemon.ask('restart', 'last', '--waiting')

  assert.equal((await daemon.ask('status', 'last')).status, 'active')
})

test('a failure that nobody caught is logged, and the daemon goes on', async () => {
  using folder = new Folder()
  folder.write(
    'wild.js',
    `export default { name: 'wild', setup() { setTimeout(() => { throw new Error('thrown wild') }); Promise.reject(new Error('rejected wild')) } }`,
  )
  await using daemon = await Daemon.start(folder, '[plugin:wild]\nuse = ./wild.js\n')

  await daemon.line(/thrown wild/)
  await daemon.line(/rejected wild/)

  assert.equal((await daemon.ask('status', 'last')).status, 'active')
})

test('npm start runs the demo, says what to try, and Ctrl-C ends all of it', async () => {
  await using npm = new Program('npm', ['start', '--silent'], { cwd: root })
  const [, endpoint] = await npm.line(/CIRCUSCTL_ENDPOINT=(\S+)/)
  const env = { CIRCUSCTL_ENDPOINT: String(endpoint) }
  await using status = new Program(process.execPath, [bin('circusctl'), 'status'], { env })
  assert.equal((await status.end()).code, 0)
  assert.match(status.stdout, /^worker: active$/m)
  const [, url] = await npm.line(/curl (\S+)/)
  assert.match(await (await fetch(String(url))).text(), /^hello from \d+$/m)
  await using list = new Program(process.execPath, [bin('circusctl'), 'list', 'worker'], { env })
  await list.end()
  const pids = list.stdout.trim().split(',').map(Number)

  npm.kill('SIGINT')
  await npm.end()

  assert.equal(pids.length, 3)
  assert.deepEqual(pids.filter(lives), [])
})
