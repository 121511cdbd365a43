import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Daemon } from './support/daemon.ts'
import { Folder } from './support/folder.ts'
import { bin, runBin, runToEnd } from './support/program.ts'
import { Terminal } from './support/terminal.ts'
import { publishing, startTop } from './support/top.ts'

const folder = new Folder()
let daemon: Daemon

before(async () => {
  daemon = await Daemon.start(folder, '[watcher:web]\ncmd = sleep 1000\nnumprocesses = 2\n', [], publishing(folder))
})

after(async () => {
  await daemon?.[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

const top = (args: readonly string[], env: Record<string, string> = {}) =>
  runBin('circus-top', ['--endpoint', daemon.endpoint, ...args], { env: { LANG: 'C.UTF-8', ...env } })

test('--once prints the table for scripts: no colours, nothing to fold, exit code 0', async () => {
  const { code, stdout, stderr } = await top(['--once'], { FORCE_COLOR: '1' })

  assert.deepEqual([code, stderr], [0, ''])
  const pids = await daemon.pids('web')
  assert.match(stdout, /^ {2}WATCHER▲ .*CPU%.*MEMORY.*AGE/)
  assert.match(stdout, /^ {2}web \(2\) +active +[\d.]+ /m)
  for (const pid of pids) assert.match(stdout, new RegExp(`^ {4}${pid} sleep `, 'm'))
  assert.ok(!stdout.includes('\x1b'))
})

test('a pipe as output gets the same without being asked for it', async () => {
  const { code, stdout } = await top([])
  assert.equal(code, 0)
  assert.match(stdout, /^ {2}web \(2\) +active/m)
})

test('a reader that has seen enough ends it without an error', async () => {
  const line = `'${process.execPath}' cli/bin/circus-top.js --endpoint '${daemon.endpoint}' --once | head -1`
  const { stderr } = await runToEnd('sh', ['-c', line])
  assert.equal(stderr, '')
})

test('--sort orders the printed table', async () => {
  const { stdout } = await top(['--once', '--sort', 'threads'])
  assert.match(stdout, /THR(EADS)?▼/)
  assert.match(stdout, /web \(2\)[\s\S]*last \(1\)/)
})

test('--filter leaves out what has not that text, in the table, as JSON and live', async () => {
  const [first = 0] = await daemon.pids('web')
  const table = await top(['--once', '--filter', String(first)])
  assert.match(table.stdout, new RegExp(`^ {2}web \\(2\\) .*\\n {4}${first} sleep .*\\n$`, 'm'))
  assert.doesNotMatch(table.stdout, /last/)

  const { watchers, helpers } = JSON.parse((await top(['--json', '--filter', String(first)])).stdout)
  assert.deepEqual(
    watchers.map(({ name, processes }: { name: string; processes: { pid: number }[] }) => [name, processes[0]?.pid]),
    [['web', first]],
  )
  assert.deepEqual([watchers[0].processes.length, helpers], [1, []])

  await using live = await startTop(daemon, ['--filter', 'web'])
  await live.shows(/only what contains "web"; Esc shows all\n.*\n› ▾ web/)
})

test('a dumb terminal gets the table once', async () => {
  const line = [process.execPath, bin('circus-top'), '--endpoint', daemon.endpoint]
  await using dumb = await Terminal.start(['env', 'TERM=dumb', ...line])
  await dumb.shows(/^ {2}web \(2\) +active[\s\S]*ended with 0$/m)
})

test('--json prints all that is known, in the words of the wire', async () => {
  const { code, stdout } = await top(['--json'])

  assert.equal(code, 0)
  const { endpoint, source, watchers, helpers, time } = JSON.parse(stdout)
  assert.deepEqual([endpoint, source, typeof time], [daemon.endpoint, 'channel', 'number'])
  const web = watchers.find(({ name }: { name: string }) => name === 'web')
  assert.equal(web.status, 'active')
  assert.deepEqual(
    web.processes.map(({ pid }: { pid: number }) => pid),
    await daemon.pids('web'),
  )
  const [process] = web.processes
  assert.deepEqual([process.cmdline, process.wid, process.threads], ['sleep', 1, 1])
  assert.deepEqual([process.tree.count, process.tree.rss], [1, process.rss])
  assert.deepEqual([helpers[0].name, helpers[0].pid], ['circusd', daemon.pid])
})

test('a daemon without a channel is asked, and standard error says what to write', async () => {
  using other = new Folder()
  await using quiet = await Daemon.start(other, '[watcher:web]\ncmd = sleep 1000\n')

  const { code, stdout, stderr } = await runBin('circus-top', ['--endpoint', quiet.endpoint, '--once'])

  assert.equal(code, 0)
  assert.match(stdout, /web \(1\) +active/)
  assert.match(stderr, /^circus-top: no statistics are published: set statsd = True/)
})

test('NO_COLOR leaves the colours out, and one still sees what is selected', async () => {
  await using plain = await startTop(daemon, [], { env: { NO_COLOR: '1' } })
  await plain.shows(/^› ▾ last/m)
  assert.ok(!(await plain.paintedScreen()).includes('\x1b'))

  await using coloured = await startTop(daemon)
  await coloured.shows(/^› ▾ last/m)
  assert.ok((await coloured.paintedScreen()).includes('\x1b[32m')) // green
})

test('--help and --version need no daemon', async () => {
  assert.match((await runBin('circus-top', ['--help'])).stdout, /^usage: circus-top .*\n[\s\S]*--process-timeout/)
  assert.match((await runBin('circus-top', ['--version'])).stdout, /^circus-top \d+\.\d+\.\d+\n$/)
})

test('wrong usage exits 2 and says what is right; a daemon that is not there exits 1 and says where to look', async () => {
  const wrong = await runBin('circus-top', ['--sort', 'size'])
  assert.deepEqual([wrong.code, wrong.stdout], [2, ''])
  assert.match(wrong.stderr, /--sort takes name, cpu.*\nSee circus-top --help\n/)

  const away = `ipc://${folder.at('nobody')}`
  const missing = await runBin('circus-top', ['--endpoint', away])
  assert.equal(missing.code, 1)
  assert.match(missing.stderr, /^circus-top: cannot reach a circusd at .*\nIs it running\?/)
  const json = await runBin('circus-top', ['--endpoint', away, '--json'])
  assert.deepEqual([json.code, JSON.parse(json.stdout).code], [1, 'ERR_UNREACHABLE'])
})
