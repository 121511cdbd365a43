import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import test from 'node:test'
import { Visitor } from '../plugins/httpd/visitor.ts'
import { Daemon } from './support/daemon.ts'
import { Folder } from './support/folder.ts'
import { bin, Program, root, runToEnd } from './support/program.ts'

const start = (folder: Folder, ...more: string[]) =>
  new Program(process.execPath, [
    bin('circushttpd'),
    '--endpoint',
    `ipc://${folder.at('control')}`,
    '--port',
    '0',
    ...more,
  ])

const linkOf = async (program: Program) => (await program.line(/the web console is at (\S+)/))[1]!

test('beside a daemon it serves its console, says when the daemon is gone, and finds the next one', async () => {
  using folder = new Folder()
  const web = '[watcher:web]\ncmd = sleep 1000\n'
  let daemon = await Daemon.start(folder, web)
  try {
    await using server = start(folder)
    const admin = new Visitor(await linkOf(server))
    await admin.logIn()
    using page = await admin.follow('api/live?watcher=web')
    const state = await page.until('state')
    assert.deepEqual([state.daemon.pid, state.daemon.history, state.watchers.web.alive], [daemon.pid, false, 1])
    assert.ok(state.watchers.web.rssBytes > 0)
    await admin.post('api/incr', { name: 'web', waiting: true })
    await page.until('patch', (patch) => patch.watchers?.web?.alive === 2)

    await daemon.ask('quit', '--waiting')
    await daemon.end()

    await page.until('gone')
    await page.until('patch', (patch) => patch.daemon?.up === false)
    assert.equal((await admin.ask('api/list')).json.error.code, 'ERR_UNREACHABLE')
    daemon = await Daemon.start(folder, web)
    await page.until('back')
    await page.until('patch', (patch) => patch.daemon?.pid === daemon.pid)
    await daemon.ask('incr', 'web', '--waiting')
    await page.until('patch', (patch) => patch.watchers?.web?.alive === 2)
    await page.until('events', ({ events }) =>
      events.some(
        ({ time, event }: { time: number; event: string }) => event === 'spawn' && time > state.daemon.startedAt,
      ),
    )
    server.kill('SIGTERM')
    assert.deepEqual(await server.end(), { code: 0, signal: null })
    await page.ended
  } finally {
    await daemon[Symbol.asyncDispose]()
  }
})

test('an original daemon has a console, too: what it does not know is left out', async () => {
  using folder = new Folder()
  await using original = new Program(process.execPath, [`${root}/test/fixtures/original-circusd.ts`, folder.path])
  await original.line(/ready/)
  await using server = start(folder)
  const admin = new Visitor(await linkOf(server))
  await admin.logIn()
  using page = await admin.follow('api/live?watcher=web')
  const { watchers, sockets, daemon } = await page.until('state')
  assert.deepEqual(Object.keys(watchers), ['web', 'idle'])
  assert.deepEqual([watchers.web.status, watchers.web.alive, watchers.idle.status], ['active', 1, 'stopped'])
  assert.deepEqual(
    Object.values(watchers.web.processes).map((each) => (each as { command: string }).command),
    ['python'],
  )
  assert.equal(sockets.web.address, '127.0.0.1:8080')
  assert.equal(daemon.history, false)
  assert.deepEqual((await admin.ask('api/list')).json.watchers, ['idle', 'web'])
  assert.equal((await admin.ask('api/tail')).status, 404)
  await admin.post('api/stop', { name: 'web' })
  await page.until('patch', (patch) => patch.watchers?.web?.status === 'stopped')
})

test('a wrong line ends it with 2, and an endpoint where nobody is with 1', async () => {
  using folder = new Folder()
  const wrong = await runToEnd(process.execPath, [bin('circushttpd'), '--nothing'])
  assert.deepEqual([wrong.code, wrong.stderr.includes('usage: circushttpd')], [2, true])
  const nobody = await runToEnd(process.execPath, [bin('circushttpd'), '--endpoint', `ipc://${folder.at('nowhere')}`])
  assert.equal(nobody.code, 1)
  assert.match(nobody.stderr, /circushttpd: .*nowhere/)
})

test('circusctl users makes who may log in, with a password from a pipe', async () => {
  using folder = new Folder()
  const file = folder.at('users')
  const users = async (line: string, input = '') => {
    const child = spawn(process.execPath, [bin('circusctl'), 'users', ...line.split(' '), '--file', file], {
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
    child.stdin.end(input)
    const { promise, resolve } = Promise.withResolvers<number | null>()
    child.on('close', resolve)
    return { code: await promise, output }
  }
  const added = await users('add alice --role operate', 'correct horse\n')
  assert.deepEqual([added.code, added.output.includes(`httpd_users = ${file}`)], [0, true])
  assert.equal((await users('add bob', 'short\n')).code, 2)
  assert.notEqual((await users('add alice', 'another horse\n')).code, 0)
  assert.equal((await users('list')).output, 'alice: operate\n')

  await using daemon = await Daemon.start(folder, '')
  await using server = start(folder, '--users', file)
  const alice = new Visitor(await linkOf(server))
  assert.equal((await alice.logIn({ user: 'alice', password: 'correct horse' })).json.role, 'operate')
  assert.equal((await alice.post('api/quit')).json.error.code, 'ERR_ROLE_TOO_LOW')
  assert.equal((await users('remove alice')).code, 0)
  assert.equal((await alice.ask('api/list')).status, 401)
  assert.equal((await daemon.ask('numwatchers')).numwatchers, 1)
})
