import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { after, before, test } from 'node:test'
import { Daemon } from './support/daemon.ts'
import { Folder } from './support/folder.ts'
import { bin, Program, runBin } from './support/program.ts'

const folders = [new Folder(), new Folder()] as const
let daemons: [Daemon, Daemon]

before(async () => {
  const ini = '[watcher:web]\ncmd = sleep 1000\n[watcher:idle]\ncmd = sleep 1000\nautostart = false\n'
  daemons = (await Promise.all(folders.map((folder) => Daemon.start(folder, ini)))) as [Daemon, Daemon]
})

after(async () => {
  for (const daemon of daemons ?? []) await daemon[Symbol.asyncDispose]()
  for (const folder of folders) folder[Symbol.dispose]()
})

/** A line for both daemons. */
const both = (...args: string[]) => [...daemons.flatMap(({ endpoint }) => ['--endpoint', endpoint]), ...args]
const ctl = (...args: string[]) => runBin('circusctl', args)

test('a command goes to each daemon, and what each answers is below its endpoint', async () => {
  const { code, stdout } = await ctl(...both('status', 'web'))

  assert.equal(code, 0)
  assert.equal(stdout, daemons.map(({ endpoint }) => `== ${endpoint} ==\nactive\n`).join(''))
})

test('as JSON, several answers are an object by endpoint; the exit code is the worst one', async () => {
  const nobody = `ipc://${folders[0].at('nobody')}`
  const { code, stdout } = await ctl(...both('--endpoint', nobody, '--json', 'status', 'web'))

  assert.equal(code, 1)
  const answers = JSON.parse(stdout)
  assert.deepEqual(Object.keys(answers), [...daemons.map(({ endpoint }) => endpoint), nobody])
  assert.deepEqual(
    daemons.map(({ endpoint }) => answers[endpoint].status),
    ['active', 'active'],
  )
  assert.equal(answers[nobody].code, 'ERR_UNREACHABLE')
})

test('events of several daemons say where they come from', async () => {
  await using listening = new Program(process.execPath, [bin('circusctl'), ...both('events', 'web')])
  for (const { endpoint } of daemons) {
    while (!listening.stdout.includes(`${endpoint}  `)) await ctl('--endpoint', endpoint, 'restart', 'web', '--waiting')
  }

  listening.kill('SIGINT')

  assert.deepEqual(await listening.end(), { code: 0, signal: null })
  assert.match(
    listening.stdout,
    /^ipc:\S+ {2}\d\d:\d\d:\d\d\.\d{3} {2}web {2}process \d+ (started|ended: killed by SIGTERM)$/m,
  )
})

test('wait ends when the watchers are where they are wanted', async () => {
  const [daemon] = daemons
  await using waiting = new Program(process.execPath, [
    ...[bin('circusctl'), '--endpoint', daemon.endpoint],
    ...['wait', 'idle', 'w*', '--for', 'active'],
  ])
  await daemon.ask('start', 'idle')

  assert.deepEqual(await waiting.end(), { code: 0, signal: null })
  assert.equal(waiting.stdout, 'idle: active\nweb: active\n')
  await daemon.ask('stop', 'idle', '--waiting')
})

test('wait that takes too long says what is, and exits 1; an unknown watcher is an error at once', async () => {
  const now = await daemons[0].ctl('wait', 'web', '--timeout', '0')
  const late = await daemons[0].ctl('wait', 'idle', 'web', '--timeout', '0.5')
  const unknown = await daemons[0].ctl('wait', 'nobody')

  assert.equal(now.code, 0, now.stderr)
  assert.equal(late.code, 1)
  assert.match(late.stderr, /^circusctl wait: not active within .*: idle is stopped$/m)
  assert.equal(unknown.code, 3)
  assert.match(unknown.stderr, /^error: program nobody not found$/m)
})

test('describe has processes, past ends, and options with where each was set', async () => {
  const [daemon] = daemons
  const [pid] = await daemon.pids('web')
  await daemon.ask('set', 'web', 'max_retry', '7', '--waiting')
  await daemon.ask('restart', 'web', '--waiting')

  const { stdout } = await daemon.ctl('describe', 'web')
  const { watchers } = JSON.parse((await daemon.ctl('describe', 'web', '--json')).stdout)

  assert.match(stdout, /^web {2}active, 1 of 1 processes alive$/m)
  assert.match(stdout, new RegExp(`^ +[-\\d]+ [:\\d]+ +\\S+ +${pid} .* SIGTERM +as asked$`, 'm'))
  assert.match(stdout, new RegExp(`^ +cmd +sleep 1000 +${folders[0].at('circus.ini')}:\\d+$`, 'm'))
  assert.match(stdout, /^ +max_retry +7 +set while it ran$/m)
  assert.match(stdout, /^ +shell +False +default$/m)
  assert.equal(watchers.web.status, 'active')
})

test('a socket that is not there is told, with what to check', async () => {
  const missing = await ctl('--endpoint', `ipc://${folders[0].at('no/such')}`, 'status')
  const file = await ctl('--endpoint', `ipc://${folders[0].at('circus.ini')}`, 'status')

  assert.deepEqual([missing.code, file.code], [1, 1])
  assert.match(missing.stderr, /^There is no folder .*\/no\.\nIs it running\?/m)
  assert.match(file.stderr, /circus\.ini is no socket\.$/m)
})

test('where CIRCUSCTL_ENDPOINT is wrong, that is told; a port where nobody listens too', async () => {
  const { port } = await freePort()
  const env = { CIRCUSCTL_ENDPOINT: `tcp://127.0.0.1:${port}` }
  const { code, stderr } = await runBin('circusctl', ['status'], { env })

  assert.equal(code, 1)
  assert.match(stderr, /nothing listens there\n.*CIRCUSCTL_ENDPOINT/)
})

test('what asks no daemon does not mind an endpoint that is none, and is done once for several', async () => {
  const env = { CIRCUSCTL_ENDPOINT: 'nonsense', CIRCUS_KEY: '/no/such/key' }
  const script = await runBin('circusctl', ['completion', 'bash'], { env })
  const keys = ['keys', '--folder', folders[0].at('keys')]
  const made = await ctl(...both(...keys, 'init', 'me'))
  const listed = JSON.parse((await ctl(...both(...keys, 'list', '--json'))).stdout)

  assert.match(script.stdout, /complete -F/)
  assert.equal(made.code, 0, made.stderr)
  assert.equal(listed.keys.length, 1)
})

test('an empty CIRCUSCTL_ENDPOINT is none', async () => {
  const { stderr } = await runBin('circusctl', ['status', '--timeout', '0'], { env: { CIRCUSCTL_ENDPOINT: '' } })

  assert.match(stderr, /tcp:\/\/127\.0\.0\.1:5555/)
})

test('Ctrl-C gives up what a daemon that does not answer was asked', async () => {
  for (const line of [['listen'], ['events'], ['wait', 'web', '--timeout', '1000'], ['backup']]) {
    using folder = new Folder()
    const server = createServer().listen(folder.at('silent'))
    await once(server, 'listening')
    const asked = once(server, 'connection')
    const endpoint = `ipc://${folder.at('silent')}`
    await using ctl = new Program(process.execPath, [
      ...[bin('circusctl'), '--endpoint', endpoint, '--timeout', '1000'],
      ...line,
    ])
    const [socket] = await asked

    ctl.kill('SIGINT')

    assert.deepEqual(await ctl.end(), { code: 130, signal: null }, ctl.stderr)
    assert.equal(ctl.stderr, '')
    socket.destroy()
    server.close()
  }
})

/** A port that was free a moment ago. */
async function freePort(): Promise<{ port: number }> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return { port }
}
