import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { untilTrue } from '../harness/index.ts'
import { Daemon } from './support/daemon.ts'
import { Folder } from './support/folder.ts'
import { bin, Program, runToEnd } from './support/program.ts'
import { Sshd } from './support/sshd.ts'
import { Terminal } from './support/terminal.ts'

const folder = new Folder()
let sshd: Sshd
let daemon: Daemon

before(async () => {
  sshd = await Sshd.start(folder)
  daemon = await Daemon.start(folder, '[watcher:web]\ncmd = sleep 1000\n')
  mkdirSync(folder.at('tmp'))
})

after(async () => {
  await daemon?.[Symbol.asyncDispose]()
  await sshd?.[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

/** A line of `circusctl` for a daemon on the other side. */
function line(endpoint: string, key: string, ...args: string[]): [string, string[], { env: Record<string, string> }] {
  const connection = ['--ssh', sshd.server, '--ssh_keyfile', key, '--endpoint', endpoint]
  const env = { PATH: sshd.path, TMPDIR: folder.at('tmp') }
  return [process.execPath, [bin('circusctl'), ...connection, ...args], { env }]
}

/** Nothing of a tunnel may be left: no file here, no process of ours, no connection to the other side. */
async function nothingIsLeft(): Promise<void> {
  await untilTrue(() => !readdirSync(folder.at('tmp')).some((name) => name.startsWith('circusctl-')))
  await untilTrue(() => sshd.sessions === 0)
  await untilTrue(() => processesNaming(folder.at('tmp/circusctl-')).length === 0)
}

/** Make events until they are seen. */
async function restartUntil(seen: () => boolean): Promise<void> {
  while (!seen()) await daemon.ctl('restart', 'web', '--waiting')
}

function processesNaming(text: string): string[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => commandLine(pid).includes(text))
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

test('a command reaches a daemon on the other side', async () => {
  const { code, stdout, stderr } = await runToEnd(...line(daemon.endpoint, sshd.key, 'status', 'web'))

  assert.equal(code, 0, stderr)
  assert.equal(stdout, 'active\n')
  await nothingIsLeft()
})

test('events come through the same tunnel, and Ctrl-C leaves nothing of it', async () => {
  await using listening = new Program(...line(daemon.endpoint, sshd.key, 'listen', 'watcher.web.'))
  await restartUntil(() => /^watcher\.web\.spawn: /m.test(listening.stdout))
  assert.equal(sshd.sessions, 1)

  listening.kill('SIGINT')

  assert.deepEqual(await listening.end(), { code: 0, signal: null })
  await nothingIsLeft()
})

test('tail follows through the same tunnel', async () => {
  await daemon.ctl('add', 'talks', "sh -c 'echo hello; exec sleep 1000'", '--start')
  await using following = new Program(...line(daemon.endpoint, sshd.key, 'tail', '-f', 'talks'))
  await following.line(/^hello$/m)
  const [pid] = await daemon.pids('talks')
  await daemon.ctl('restart', 'talks', '--waiting')
  assert.notDeepEqual(await daemon.pids('talks'), [pid])
  await following.line(/^hello\nhello$/m)
  await daemon.ctl('rm', 'talks')

  following.kill('SIGINT')
  assert.deepEqual(await following.end(), { code: 130, signal: null })
  await nothingIsLeft()
})

for (const signal of ['SIGTERM', 'SIGHUP', 'SIGKILL'] as const) {
  test(`${signal} leaves no ssh and no socket behind`, async () => {
    await using listening = new Program(...line(daemon.endpoint, sshd.key, 'events'))
    await restartUntil(() => listening.stdout.includes('started'))

    listening.kill(signal)

    await listening.end()
    await nothingIsLeft()
  })
}

test('events that come no more because ssh lost its connection are no quiet end', async () => {
  await using listening = new Program(...line(daemon.endpoint, sshd.key, 'listen'))
  await restartUntil(() => listening.stdout.includes('spawn'))

  sshd.hangUp()

  assert.equal((await listening.end()).code, 1)
  assert.match(listening.stderr, /ssh has ended/)
  await nothingIsLeft()
})

test('on a terminal, ssh asks whether the host is known and for the passphrase; Ctrl-C there leaves nothing', async () => {
  const connection = ['--ssh', sshd.server, '--ssh_keyfile', sshd.lockedKey, '--endpoint', daemon.endpoint]
  const command = [process.execPath, bin('circusctl'), ...connection, 'events']
  const env = { PATH: sshd.askingPath, TMPDIR: folder.at('tmp') }
  await using terminal = await Terminal.start(command, { env })

  await terminal.shows(/continue connecting/)
  await terminal.enter('yes')
  await terminal.shows(/passphrase for key/)
  await terminal.enter('secret')
  await untilTrue(() => sshd.sessions === 1)
  while (!/web +started/.test(await terminal.screen())) await daemon.ctl('restart', 'web', '--waiting')
  await terminal.press('C-c')

  await terminal.shows(/ended with 0/)
  await nothingIsLeft()
})

test('a key that the other side does not take is told in the words of ssh', async () => {
  const { code, stderr } = await runToEnd(...line(daemon.endpoint, sshd.wrongKey, 'status'))

  assert.equal(code, 1)
  assert.match(stderr, /^circusctl: ssh .*Permission denied \(publickey\)/m)
  await nothingIsLeft()
})

test('nobody at the port of ssh is told in the words of ssh', async () => {
  const args = ['--ssh', '127.0.0.1:1', 'status', '--timeout', '30']
  const env = { PATH: sshd.path, TMPDIR: folder.at('tmp') }
  const { code, stderr } = await runToEnd(process.execPath, [bin('circusctl'), ...args], { env })

  assert.equal(code, 1)
  assert.match(stderr, /ssh 127\.0\.0\.1:1: .*Connection refused/)
  await nothingIsLeft()
})

for (const endpoint of ['tcp://127.0.0.1:1', `ipc://${folder.at('nobody')}`]) {
  test(`nobody at ${endpoint.slice(0, 3)} on the other side is told, with what to check`, async () => {
    const { code, stderr } = await runToEnd(...line(endpoint, sshd.key, 'status', '--timeout', '30'))

    assert.equal(code, 1)
    assert.match(stderr, /^circusctl: cannot reach a circusd at .*\nIs it running\?/)
    await nothingIsLeft()
  })
}

test('an endpoint or a server that ssh cannot take is refused', async () => {
  const abstract = await runToEnd(...line('ipc://@name', sshd.key, 'status'))
  const option = await runToEnd(process.execPath, [bin('circusctl'), '--ssh=-oProxyCommand=true', 'status'])

  assert.deepEqual([abstract.code, option.code], [1, 1])
  assert.match(option.stderr, /--ssh takes/)
  await nothingIsLeft()
})
