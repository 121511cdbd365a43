import assert from 'node:assert/strict'
import test from 'node:test'
import { widthOf } from '../../cli/circusctl/table.ts'
import { untilTrue } from '../harness/index.ts'
import { Daemon, lives } from './support/daemon.ts'
import { Folder } from './support/folder.ts'
import { bin, runBin } from './support/program.ts'
import { Terminal } from './support/terminal.ts'
import { publishing, startTop } from './support/top.ts'

const web = '[watcher:web]\ncmd = sleep 1000\nnumprocesses = 2\n'
const busy = "[watcher:busy]\ncmd = sh -c 'while :; do :; done'\n"
const socket = '[socket:http]\nhost = 127.0.0.1\nport = 0\n'

test('watchers, processes, the daemon and sockets are shown, on terminals of any size', async () => {
  using folder = new Folder()
  await using daemon = await Daemon.start(folder, web + busy + socket, [], publishing(folder))
  const [pid] = await daemon.pids('web')
  await using top = await startTop(daemon, [], { columns: 80, rows: 24 })

  await top.shows(/busy \(1\) +active +[1-9][\d.]+ +[▁-█]/)
  await top.shows(/every 1s/) // the first look may be followed by another at once
  const small = await top.screen()
  assert.match(small, /^circus-top {2}ipc:.* every 1s {2}\d\d:\d\d:\d\d$/m)
  assert.match(small, /3 of 3 watchers active {2}· {2}4 processes/)
  assert.match(small, /WATCHER▲ +STATE +CPU% LAST \S+ +MEMORY +AGE +RST +FDS +THR$/m)
  assert.match(small, new RegExp(`^ +${pid} sleep +0\\.0 +\\d\\.\\dM +\\S+ +0 +\\d+ +1$`, 'm'))
  assert.match(small, new RegExp(`^ +circusd ${daemon.pid} `, 'm'))
  assert.match(small, /SOCKET +ADDRESS +HITS +QUEUE$\n^ +http +127\.0\.0\.1:\d+ +0 +0\/\d+$/m)
  assert.match(small, /^\? help {2}q quit/m)
  fits(small, 80, 24)

  await top.resize(60, 40) // what was wider breaks into two lines
  await showsJust(top, 60, 40, 'STATE.* AGE')
  await top.resize(200, 50)
  await showsJust(top, 200, 50, 'STATE.* RESTARTS .*TREE MEM +NICE {2}USER')
  await top.resize(40, 12)
  await showsJust(top, 40, 12, 'CPU% +MEMORY +AGE')

  await top.press('q')
  await top.shows(/^ended with 0$/m)
  assert.doesNotMatch(await top.screen(), /circus-top/) // it was on a screen of its own
})

/** Wait until it shows a table with just these columns, and nothing of an older frame. */
async function showsJust(top: Terminal, columns: number, rows: number, titles: string): Promise<void> {
  const keys = '\\? help'
  const { input } = await top.shows(
    new RegExp(`^(circus-top|…).*\\n\\d of .*\\n +WATCHER▲ +${titles}\\n(?![^]*${keys}[^]*${keys})[^]*\\n${keys}.*$`),
  )
  fits(input, columns, rows)
}

function fits(screen: string, columns: number, rows: number): void {
  const lines = screen.split('\n')
  assert.ok(lines.length <= rows)
  for (const line of lines) assert.ok(widthOf(line) <= columns, line)
  assert.equal(lines.filter((line) => line.includes('circus-top')).length, 1) // nothing of an older frame
}

test('it leaves a shell and comes back to it, wherever the cursor was, and fits a terminal that was resized meanwhile', async () => {
  using folder = new Folder()
  await using daemon = await Daemon.start(folder, web, [], publishing(folder))
  await using shell = await Terminal.start(['bash', '--norc', '--noprofile', '-i'], { columns: 90, rows: 20 })
  await shell.shows(/\$|#/)
  await shell.enter(`printf unfinished; '${process.execPath}' '${bin('circus-top')}' --endpoint '${daemon.endpoint}'`)
  await shell.shows(/^circus-top {2}ipc:.* every 1s {2}[\d:]+\n.*\n {2}WATCHER▲/)

  await shell.press('C-z')
  await shell.shows(/^unfinished$[\s\S]*Stopped/m)
  await shell.resize(60, 12)
  await shell.enter('fg')
  await showsJust(shell, 60, 12, 'STATE.* AGE')

  await shell.press('q')
  await shell.shows(/fg\n.*control'\n.*[#$]$/)
  await shell.enter('echo code $?')
  await shell.shows(/^code 0$/m)
})

test('what is confirmed is done, by the daemon, to real processes; what is not, is not', async () => {
  using folder = new Folder()
  await using daemon = await Daemon.start(folder, web, [], publishing(folder))
  const before = await daemon.pids('web')
  await using top = await startTop(daemon, [], { columns: 80, rows: 24 })
  await top.shows(/web \(2\)/)
  await top.press('Down', 'Down')
  await top.shows(/^› ▾ web \(2\)/m)

  await top.press('x')
  await top.shows(new RegExp(`stop web: its 2 processes \\(${before.join(', ')}\\)\\?\ny yes {2}any other key no`))
  await top.press('n')
  await top.shows(/nothing was done/)
  assert.deepEqual(await daemon.pids('web'), before)

  await top.press('x', 'y')
  await top.shows(/stop web: done/)
  await top.shows(/^› ▾ web \(0\) +stopped/m)
  assert.equal(before.some(lives), false)

  await top.press('s', 'y')
  await top.shows(/start web: done, 2 started/)
  await top.shows(/^› ▾ web \(2\) +active/m)

  await top.press('+', 'y')
  await top.shows(/web \(3\)[\s\S]*web: 3 processes/)
  assert.equal((await daemon.pids('web')).length, 3)
  await top.press('-', 'y')
  await top.shows(/^› ▾ web \(2\)[\s\S]*web: 2 processes/m)

  const [first] = await daemon.pids('web')
  await top.shows(new RegExp(`^ +${first} sleep`, 'm'))
  await top.press('Down', 'k')
  await top.type('kill')
  await top.press('Enter')
  await top.shows(new RegExp(`send KILL to process ${first} of web\\?`))
  await top.press('y')
  await top.shows(/KILL to process \d+ of web: done/)
  await untilTrue(() => !lives(Number(first)))

  await top.press('Home')
  await top.shows(/^› ▾ last/m)
  await top.press('r', 'y')
  await top.shows(/restart last: done, 1 started/)
  await top.press('l', 'y')
  await top.shows(/reload last: done/)
  const [renewed] = await daemon.pids('last')
  await top.shows(new RegExp(`^ +${renewed} sleep`, 'm'))
  await top.press('Down', 'r')
  await top.shows(/restart process \d+ of last: stop it, and another takes its place\?/)
  await top.press('y')
  await top.shows(/restart process \d+ of last: done/)
})

test('it sorts, filters, folds, shows children, pauses and explains itself', async () => {
  using folder = new Folder()
  const family = "[watcher:family]\ncmd = sh -c 'sleep 1000 & wait'\nstop_children = True\n"
  await using daemon = await Daemon.start(folder, busy + family + web, [], publishing(folder))
  await using top = await startTop(daemon, ['--sort', 'cpu'])
  await top.shows(/CPU%▼[^\n]*\n› ▾ busy/)

  await top.press('N')
  await top.shows(/WATCHER▲[\s\S]*busy[\s\S]*family[\s\S]*last[\s\S]*web/)
  await top.press('i')
  await top.shows(/WATCHER▼[\s\S]*web[\s\S]*last[\s\S]*family[\s\S]*busy/)

  await top.press('t')
  await top.shows(/▾ \d+ sh .*\n +\d+ sleep/)

  await top.type('/fam')
  await top.shows(/Only what contains: fam▏/)
  await top.press('Enter')
  await top.shows(/only what contains "fam"; Esc shows all\n[^\n]*WATCHER[^\n]*\n› ▾ family/)
  assert.doesNotMatch(await top.screen(), /web \(2\)/)
  await top.press('Escape')
  await top.shows(/web \(2\)/)

  await top.press('a')
  await top.shows(/▸ web \(2\)[^\n]*\n[^\n]*▸ last[^\n]*\n[^\n]*▸ family[^\n]*\n[^\n]*▸ busy/)

  await top.press('p')
  await top.shows(/PAUSED/)
  await daemon.ctl('incr', 'web', '--waiting')
  await top.press('p')
  await top.shows(/web \(3\)/)

  await top.press('?')
  await top.shows(/restart the watcher; on a process, that process alone/)
  await top.press('q') // any key leads back
  await top.shows(/web \(3\)/)
  await top.press('C-c')
  await top.shows(/^ended with 0$/m)
})

test('a daemon that goes leaves its figures there, marked as old; when it is back, so are they', async () => {
  using folder = new Folder()
  await using first = await Daemon.start(folder, web, [], publishing(folder))
  const [old] = await first.pids('web')
  await using top = await startTop(first)
  await top.shows(new RegExp(`${old} sleep`))

  first.kill('SIGTERM')
  await first.end()

  await top.shows(/STALE for [\d.]+s/)
  const screen = await top.screen()
  assert.match(screen, /the daemon is gone: these figures are old/)
  assert.match(screen, new RegExp(`${old} sleep`))
  await top.press('x')
  await top.shows(/the daemon does not answer/)

  await using second = await Daemon.start(folder, web, [], publishing(folder))
  const [fresh] = await second.pids('web')
  await top.shows(new RegExp(`${fresh} sleep`))
  await top.shows(/every 1s/)
  assert.doesNotMatch(await top.screen(), new RegExp(`STALE|${old} sleep`))
})

test('without a statistics channel the daemon is asked, and it says what to write', async () => {
  using folder = new Folder()
  await using daemon = await Daemon.start(folder, busy)
  await using top = await startTop(daemon)

  await top.shows(/asked every 1s/)
  await top.shows(/busy \(1\) +active +[1-9]/)
  assert.match(await top.screen(), /no statistics are published: set statsd = True in \[circus\] of the ini/)
  const lateStats = await runBin('circusctl', ['--endpoint', daemon.endpoint, 'status'])
  assert.equal(lateStats.code, 0) // it leaves others their time
})

test('why a watcher does not run stands below it', async () => {
  using folder = new Folder()
  const broken = '[watcher:broken]\ncmd = /nonexistent/program\nmax_retry = 1\n'
  await using daemon = await Daemon.start(folder, broken, [], publishing(folder))
  await using top = await startTop(daemon)

  await top.shows(/broken \(0\) +stopped[^\n]*\n +cannot run: \/nonexistent\/program/)
})

test('a role that may not act is told so, and goes on looking', async () => {
  using folder = new Folder()
  const keys = folder.at('config/circus/keys')
  const env = { XDG_CONFIG_HOME: folder.at('config'), CIRCUS_KEY: '' }
  for (const args of [
    ['init', 'boss'],
    ['add', 'vera', '--role', 'view'],
  ]) {
    assert.equal((await runBin('circusctl', ['keys', ...args], { env })).code, 0)
  }
  const circus = `auth = curve\nserver_key = ${keys}/server.key\nclient_keys = ${keys}/clients\n${publishing(folder)}`
  await using daemon = await Daemon.start(folder, web, [], circus)
  await using top = await startTop(daemon, ['--key', `${keys}/vera.key`])
  await top.shows(/every 1s[\s\S]*web \(2\) +active/)

  await top.press('x', 'y')

  await top.shows(/stop last: .*(role|may|allowed)/)
  await top.press('Down')
  await top.shows(/^› +\d+ /m)
})
