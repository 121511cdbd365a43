import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Daemon } from './support/daemon.ts'
import { Folder } from './support/folder.ts'
import { bin, Program, runBin } from './support/program.ts'

const folder = new Folder()
let daemon: Daemon

before(async () => {
  daemon = await Daemon.start(
    folder,
    '[watcher:Web]\ncmd = sleep 1000\n[watcher:idle]\ncmd = sleep 1000\nautostart = false\n',
  )
})

after(async () => {
  await daemon?.[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

/** What a line of `circusctl` prints, when it succeeds. */
async function printed(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await daemon.ctl(...args)
  assert.equal(code, 0, stderr)
  return stdout
}

test('status, list and the numbers', async () => {
  assert.equal(await printed('status'), 'Web: active\nidle: stopped\nlast: active\n')
  assert.equal(await printed('status', 'WEB'), 'active\n')
  assert.equal(await printed('list'), 'idle,last,web\n')
  assert.match(await printed('list', 'web'), /^\d+\n$/)
  assert.equal(await printed('numwatchers'), '3\n')
  assert.equal(await printed('numprocesses'), '2\n')
  assert.equal(await printed('numprocesses', 'idle'), '0\n')
})

test('incr and decr print the new number', async () => {
  assert.equal(await printed('incr', 'web', '2', '--waiting'), '3\n')
  assert.equal((await daemon.pids('web')).length, 3)
  assert.equal(await printed('decr', 'web', '2', '--waiting'), '1\n')
})

test('set, get and options', async () => {
  assert.equal(await printed('set', 'web', 'max_retry', '-1', 'graceful_timeout', '5', '--waiting'), 'ok\n')
  assert.equal(await printed('get', 'web', 'max_retry', 'graceful_timeout'), 'max_retry: -1\ngraceful_timeout: 5.0\n')
  assert.match(await printed('options', 'web'), /^cmd: sleep 1000$/m)
  assert.match(await printed('options', 'web'), /^shell: False$/m)
})

test('start, stop, restart and reload', async () => {
  assert.equal(await printed('start', 'idle', '--waiting'), 'ok\n')
  assert.equal(await printed('status', 'idle'), 'active\n')
  assert.equal(await printed('stop', 'id*', '--match', 'glob', '--waiting'), 'ok\n')
  assert.equal(await printed('status', 'idle'), 'stopped\n')
  const [first] = await daemon.pids('web')
  assert.equal(await printed('restart', 'web', '--waiting'), 'ok\n')
  const [second] = await daemon.pids('web')
  assert.notEqual(first, second)
  assert.equal(await printed('reload', 'web', '--sequential', '--waiting'), 'ok\n')
  assert.notEqual((await daemon.pids('web'))[0], second)
})

test('add and rm', async () => {
  assert.equal(await printed('add', '--start', '--waiting', 'extra', 'sleep', '1000'), 'ok\n')
  assert.equal(await printed('status', 'extra'), 'active\n')
  assert.equal(await printed('rm', 'extra', '--waiting'), 'ok\n')
  assert.equal(await printed('list'), 'idle,last,web\n')
})

test('signal and kill reach the processes', async () => {
  const [first] = await daemon.pids('web')
  assert.equal(await printed('kill', 'web', '--pid', String(first), '--waiting'), 'ok\n')
  const [second] = await daemon.pids('web')
  assert.notEqual(second, first)
  assert.equal(await printed('signal', 'web', String(second), 'CONT'), 'ok\n')
})

test('listen prints events, and Ctrl-C ends it', async () => {
  const args = [bin('circusctl'), '--endpoint', daemon.endpoint, 'listen', 'watcher.web.']
  await using listening = new Program(process.execPath, args)
  for (let seen = false; !seen; ) {
    await printed('restart', 'web', '--waiting')
    seen = await Promise.race([
      listening.line(/^watcher\.web\.spawn: \{.*"process_pid": \d+/m).then(() => true),
      new Promise<boolean>((resolve) => setTimeout(resolve, 200, false)),
    ])
  }

  listening.kill('SIGINT')

  assert.deepEqual(await listening.end(), { code: 0, signal: null })
})

test('globaloptions, commands and reloadconfig', async () => {
  assert.match(await printed('globaloptions'), new RegExp(`^endpoint: ${daemon.endpoint}$`, 'm'))
  assert.match(await printed('globaloptions', 'check_delay'), /^check_delay: 5.0\n$/)
  assert.match(await printed('commands'), /^status +\S/m)
  assert.equal(await printed('reloadconfig', '--waiting'), 'ok\n')
})

test('--json prints the whole reply', async () => {
  const reply = JSON.parse(await printed('status', '--json'))

  assert.equal(reply.status, 'ok')
  assert.equal(reply.statuses.last, 'active')
})

test('an error reply exits 3', async () => {
  const plain = await daemon.ctl('status', 'nobody')
  const json = await daemon.ctl('status', 'nobody', '--json')

  assert.equal(plain.code, 3)
  assert.match(plain.stderr, /^error: program nobody not found$/m)
  assert.equal(json.code, 3)
  assert.equal(JSON.parse(json.stdout).errno, 3)
})

test('wrong usage exits 2', async () => {
  for (const args of [
    ['nonsense'],
    ['incr'],
    ['status', '--nonsense'],
    ['set', 'web', 'a'],
    ['set', 'web', 'a', 'b', 'c'],
  ]) {
    assert.equal((await daemon.ctl(...args)).code, 2, args.join(' '))
  }
})

test('a daemon that is not there exits 1, and says how to name another', async () => {
  const { code, stderr } = await runBin('circusctl', ['--endpoint', `ipc://${folder.at('nobody')}`, 'status'])

  assert.equal(code, 1)
  assert.match(stderr, /--endpoint/)
})

test('quit ends the daemon', async () => {
  assert.equal(await printed('quit', '--waiting'), 'ok\n')
  assert.deepEqual(await daemon.end(), { code: 0, signal: null })
})
