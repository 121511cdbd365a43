import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { Daemon } from './support/daemon.ts'
import { Folder } from './support/folder.ts'
import { onTerminal } from './support/pseudo-terminal.ts'

const folder = new Folder()
let daemon: Daemon

before(async () => {
  daemon = await Daemon.start(
    folder,
    `[watcher:Web]
cmd = sleep 1000
numprocesses = 2
[watcher:idle]
cmd = sleep 1000
autostart = false
[watcher:slow]
cmd = sh -c 'trap : TERM; echo trapped; while :; do sleep 0.1; done'
graceful_timeout = 1.5
`,
  )
})

after(async () => {
  await daemon?.[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

const on = (columns: number, line: string, env = {}) =>
  onTerminal(columns, line, { CIRCUSCTL_ENDPOINT: daemon.endpoint, ...env })
const plain = async (columns: number, line: string) => stripVTControlCharacters(await on(columns, line))
const colour = '\x1b['

test('status is a table of what each watcher is at', async () => {
  const [head, web, idle] = (await plain(120, 'status')).split('\n')

  assert.match(String(head), /^WATCHER +STATE +ALIVE +PID +UPTIME +RESTARTS +CPU +MEMORY$/)
  assert.match(String(web), /^Web +active +2\/2 +\d+ \+1 +\S+s +0 +[\d.]+% +[\d.]+[KM]$/)
  assert.match(String(idle), /^idle +stopped +0\/1 +0$/)
})

test('the last end that nobody asked for is told', async () => {
  const [pid] = await daemon.pids('web')
  process.kill(Number(pid), 'SIGKILL')
  await daemon.ask('wait', 'web')

  for (let text = ''; !/^Web .* SIGKILL, [\d.]+s ago$/m.test(text); ) text = await plain(120, 'status web')
})

test('a table fits the terminal', async () => {
  for (const columns of [100, 60, 30]) {
    for (const line of await Promise.all(['status', 'list', 'list web', 'stats'].map((line) => plain(columns, line)))) {
      assert.ok(Math.max(...line.split('\n').map((row) => row.length)) <= columns, line)
    }
  }
})

test('list is a table of watchers, list NAME and stats are tables of processes', async () => {
  const pids = await daemon.pids('web')

  assert.match(await plain(120, 'list'), /^WATCHER +STATE +ALIVE/)
  for (const line of ['list web', 'stats web']) {
    const table = await plain(120, line)
    assert.match(table, /^WATCHER +PID +UPTIME +CPU +MEMORY/)
    for (const pid of pids) assert.match(table, new RegExp(`^(web)? +${pid} .* sleep$`, 'im'))
  }
  assert.match(await plain(120, `stats web ${pids[0]}`), new RegExp(`^web +${pids[0]} `, 'm'))
})

test('there are colours, unless the environment or the terminal is against them', async () => {
  assert.ok((await on(80, 'status')).includes(colour))
  assert.ok(!(await on(80, 'status', { NO_COLOR: '1' })).includes(colour))
  assert.ok(!(await on(80, 'status', { TERM: 'dumb' })).includes(colour))
  assert.ok((await on(80, 'status', { TERM: 'dumb', FORCE_COLOR: '1' })).includes(colour))
})

test('with --json, and into a pipe, a terminal changes nothing', async () => {
  assert.match(await on(80, 'status idle --json'), /^\{"status": "stopped", /)
  assert.equal(await on(80, 'status idle | cat'), 'stopped\n')
})

test('work that is waited for says what it waits for, on one line that is gone in the end', async () => {
  const text = await on(80, 'stop slow --waiting')
  await on(80, 'start slow --waiting')

  assert.match(stripVTControlCharacters(text), /\rstop slow {2}[\d.]+s {2}slow stopping: \d+/)
  assert.ok(text.endsWith('\r\x1b[Kok\n'), text)
  assert.doesNotMatch(text.slice(0, -1), /\n/)
})

test('nothing of that is said where standard error is no terminal', async () => {
  assert.equal(await on(80, 'restart slow --waiting 2>/dev/null'), 'ok\n')
})
