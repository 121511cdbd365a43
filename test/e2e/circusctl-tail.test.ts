import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Daemon } from './support/daemon.ts'
import { Folder } from './support/folder.ts'
import { bin, Program, runBin, runToEnd } from './support/program.ts'
import { onTerminal } from './support/pseudo-terminal.ts'
import { Terminal } from './support/terminal.ts'

/** Writes lines from 1 on, each with its pid. */
const counts = (lines: number) => `sh -c 'seq 1 ${lines} | sed "s/^/$$ /"; exec sleep 1000'`

const ini = `
[watcher:web]
cmd = sh -c 'echo one; echo two; echo oh >&2; printf "no end"; exec sleep 1000'
[watcher:db]
cmd = sh -c 'printf "\\033[31mred\\033[0m \\033]0;title\\007 \\033[2J\\n"; exec sleep 1000'
[watcher:crash]
cmd = sh -c 'echo about to fail; exit 3'
respawn = false
`

async function started(text = ini) {
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(new Folder())
  const daemon = stack.use(await Daemon.start(folder, text.replaceAll('FOLDER', folder.path)))
  const follow = (...args: string[]) =>
    new Program(process.execPath, [bin('circusctl'), '--endpoint', daemon.endpoint, 'tail', '-f', ...args])
  const kept = stack.move()
  return { folder, daemon, follow, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

/** Each line of a text that matches, sorted into how often it is there. */
function counted(text: string, pattern: RegExp): Map<string, number> {
  const counts = new Map<string, number>()
  for (const line of text.split('\n')) if (pattern.test(line)) counts.set(line, (counts.get(line) ?? 0) + 1)
  return counts
}

/** That the lines of one process are there from 1 to `last`, each once, in their order. */
function assertWhole(text: string, pid: string, last: number): void {
  const numbers = text
    .split('\n')
    .filter((line) => line.startsWith(`${pid} `))
    .map((line) => Number(line.split(' ')[1]))
  assert.deepEqual(
    numbers,
    Array.from({ length: last }, (_, n) => n + 1),
  )
}

test('tail shows the last lines of one watcher as they are, and of several with where they are from', async () => {
  await using running = await started()
  const { daemon } = running

  assert.equal((await daemon.ctl('tail', 'web')).stdout, 'one\ntwo\noh\nno end\n')
  assert.equal((await daemon.ctl('logs', 'web', '-n', '2')).stdout, 'oh\nno end\n')
  assert.equal((await daemon.ctl('tail', 'web', '--stderr')).stdout, 'oh\n')
  assert.equal((await daemon.ctl('tail', 'crash')).stdout, 'about to fail\n')
  const { stdout } = await daemon.ctl('tail', 'web', 'c*', '-n1')
  assert.deepEqual(stdout.split('\n').sort(), ['', 'crash.1 | about to fail', 'web.1   | no end'])
  const [pid] = await daemon.pids('web')
  assert.equal((await daemon.ctl('tail', '--pid', String(pid), '--stdout', '-n1')).stdout, 'no end\n')
})

test('as JSON each line is an object', async () => {
  await using running = await started()
  const [pid] = await running.daemon.pids('web')
  const { stdout } = await running.daemon.ctl('tail', 'web', '--json')
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

  assert.ok(lines.every(({ time }) => Math.abs(time - Date.now() / 1000) < 60))
  assert.deepEqual(
    lines.map(({ time: _, ...line }) => line),
    [
      { watcher: 'web', wid: 1, pid, stream: 'stdout', line: 'one' },
      { watcher: 'web', wid: 1, pid, stream: 'stdout', line: 'two' },
      { watcher: 'web', wid: 1, pid, stream: 'stderr', line: 'oh' },
      { watcher: 'web', wid: 1, pid, stream: 'stdout', line: 'no end', unfinished: true },
    ],
  )
})

test('what is not there is an error', async () => {
  await using running = await started()
  const { code, stderr } = await running.daemon.ctl('tail', 'nobody')
  assert.deepEqual([code, stderr], [3, 'error: program nobody not found\n'])
  assert.equal((await running.daemon.ctl('tail', '-f', 'nobody')).code, 3)
  assert.equal((await running.daemon.ctl('tail', '--pid', '1')).code, 3)
  assert.equal((await running.daemon.ctl('tail', '-n', '1.5')).code, 2)
  assert.match((await running.daemon.ctl('tail', '-n')).stderr, /--lines needs a value/)
})

test('what is followed is there once, over restarts of the process and of the daemon, beside one that floods', async () => {
  const text = `
[watcher:count]
cmd = ${counts(1_000)}
autostart = false
[watcher:flood]
cmd = sh -c 'exec yes ${'flood '.repeat(16)}'
close_child_stderr = true
stdout_stream.filename = /dev/null
`
  await using running = await started(text)
  const { daemon, folder, follow } = running
  await using following = follow('count')
  await using beside = follow('flood')
  await beside.line(/flood/)
  const pids: string[] = []
  const counted = async (daemon: Daemon) => {
    pids.push(String((await daemon.pids('count'))[0]))
    await following.line(new RegExp(`^${pids.at(-1)} 1000$`, 'm'))
  }

  await daemon.ask('start', 'count', '--waiting')
  await counted(daemon)
  await daemon.ask('restart', 'count', '--waiting')
  await counted(daemon)
  await daemon.ask('quit', '--waiting')
  await daemon.end()
  await following.line(/the connection to .* was lost/)
  await using again = await Daemon.start(folder, text)
  await following.line(/connected again/)
  await again.ask('start', 'count', '--waiting')
  await counted(again)

  for (const pid of pids) assertWhole(following.stdout, pid, 1_000)
  following.kill('SIGINT')
  assert.deepEqual(await following.end(), { code: 130, signal: null })
})

test('a process that writes a burst is followed to its end, and what is missing is told', async () => {
  await using running = await started(`
[watcher:burst]
cmd = sh -c 'seq 1 3000000; echo the end; exec sleep 1000'
autostart = false
stdout_stream.filename = /dev/null
`)
  await using following = running.follow('burst')
  await running.daemon.ask('start', 'burst', '--waiting')

  await following.line(/^the end$/m)
  await following.line(/burst\.1 \(pid \d+\): [\d.]+M are missing: it writes too fast/)
  assert.ok([...counted(following.stdout, /^\d+$/).values()].every((times) => times === 1))
})

test('watchers that come later are followed if they match', async () => {
  await using running = await started()
  await using following = running.follow('new*', 'web', '--match', 'glob')
  await following.line(/^web\.1 \| two$/m)
  await running.daemon.ask('add', 'other', "sh -c 'echo not meant; exec sleep 1000'", '--start')
  await running.daemon.ask('add', 'New one', "sh -c 'echo hello; exec sleep 1000'", '--start')

  await following.line(/^New one\.1 \| hello$/m)
  assert.doesNotMatch(following.stdout, /not meant/)
})

test('with a pid it ends with that process', async () => {
  await using running = await started()
  const [pid] = await running.daemon.pids('web')
  await using following = running.follow('--pid', String(pid))
  await following.line(/^no end$/m)
  await running.daemon.ask('stop', 'web', '--waiting')

  assert.deepEqual(await following.end(), { code: 0, signal: null })
  assert.equal(following.stdout, 'one\ntwo\noh\nno end\n')
})

test('a reader that has seen enough ends it quietly', async () => {
  await using running = await started(`[watcher:web]\ncmd = sh -c 'while :; do echo line; sleep 0.01; done'\n`)
  const line = `'${process.execPath}' '${bin('circusctl')}' --endpoint '${running.daemon.endpoint}' tail -f web | head -n 3`
  const { stdout, stderr } = await runToEnd('sh', ['-c', line])
  assert.deepEqual([stdout, stderr], ['line\nline\nline\n', ''])
})

test('lines of several daemons say where they come from', async () => {
  await using one = await started()
  await using other = await started()
  const endpoints = [one.daemon.endpoint, other.daemon.endpoint]
  const { stdout } = await runBin('circusctl', [...endpoints.flatMap((each) => ['--endpoint', each]), 'tail', 'crash'])
  assert.deepEqual(stdout.trimEnd().split('\n').sort(), endpoints.map((each) => `${each}  about to fail`).sort())
})

test('on a terminal there are colours, but nothing that would take it over', async () => {
  await using running = await started()
  const on = (line: string, env = {}) => onTerminal(80, line, { CIRCUSCTL_ENDPOINT: running.daemon.endpoint, ...env })

  assert.equal(await on('tail db'), '\x1b[31mred\x1b[0m \\x1b]0;title\\x07 \\x1b[2J\x1b[0m\n')
  assert.equal(await on('tail db', { NO_COLOR: '1' }), 'red \\x1b]0;title\\x07 \\x1b[2J\n')
  assert.equal(await on('tail web -n2'), '\x1b[31moh\x1b[39m\nno end\n')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours
  assert.match(await on('tail web crash -n1'), /^\x1b\[\d+mweb\.1 {2}\x1b\[39m \x1b\[2m\|\x1b\[22m no end$/m)
  assert.equal((await running.daemon.ctl('tail', 'db')).stdout, '\x1b[31mred\x1b[0m \x1b]0;title\x07 \x1b[2J\n')
})

test('the console follows until Ctrl-C, and goes on', async () => {
  await using running = await started()
  await using terminal = await Terminal.start([
    ...[process.execPath, bin('circusctl'), '--endpoint', running.daemon.endpoint],
  ])
  await terminal.shows(/\(circusctl\)$/)
  await terminal.enter('tail -f web')
  await terminal.shows(/^oh$/m)
  await terminal.press('C-c')
  await terminal.shows(/no end\s*\n\(circusctl\)$/)
  await terminal.enter('tail crash')
  await terminal.shows(/^about to fail$/m)
})

test('a reload that fails shows what the new process wrote; so do events and describe', async () => {
  await using running = await started(`
[socket:web]
host = 127.0.0.1
port = 0
[watcher:web]
cmd = sh -c 'mkdir FOLDER/once 2>/dev/null || { echo "no \\033[2Jdatabase" >&2; exit 1; }; exec sleep 1000'
use_sockets = true
`)
  const { daemon } = running
  await using telling = new Program(process.execPath, [
    bin('circusctl'),
    '--endpoint',
    daemon.endpoint,
    'events',
    'web',
  ])
  for (let seen = false; !seen; seen = /reload failed: /.test(telling.stdout)) {
    const { code, stderr } = await daemon.ctl('reload', 'web', '--waiting')
    assert.equal(code, 3)
    assert.match(stderr, /^error: web was not reloaded.*\nits last lines:\n {2}\| no \\u001b\[2Jdatabase\n$/)
  }
  await telling.line(/reload failed: .*\n +\| no \\u001b\[2Jdatabase$/m)
  assert.match((await daemon.ctl('describe', 'web')).stdout, /^Last lines of process \d+\n {2}no \\u001b\[2Jdatabase$/m)
})

test('with keys, whoever may look may read what programs write', async () => {
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(new Folder())
  const keys = folder.at('keys')
  const key = (...args: string[]) => runBin('circusctl', ['keys', ...args, '--folder', keys])
  await key('init')
  await key('add', 'vera', '--role', 'view')
  const circus = `auth = curve\nserver_key = ${keys}/server.key\nclient_keys = ${keys}/clients\n`
  const daemon = stack.use(await Daemon.start(folder, ini, [], circus))
  const line = (name: string, ...args: string[]) => [
    ...[bin('circusctl'), '--endpoint', daemon.endpoint, '--key', name],
    ...args,
  ]
  const following = stack.use(new Program(process.execPath, line(`${keys}/vera.key`, 'tail', '-f', 'crash')))
  await following.line(/^about to fail$/m)
  await runToEnd(process.execPath, line(`${keys}/client.key`, 'start', 'crash', '--waiting'))
  await following.line(/^about to fail\nabout to fail$/m)
})
