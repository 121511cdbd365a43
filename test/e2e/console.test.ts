import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync, statSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { test } from 'node:test'
import { Daemon } from './support/daemon.ts'
import { Folder } from './support/folder.ts'
import { bin, root, runToEnd } from './support/program.ts'
import { Terminal } from './support/terminal.ts'

const web = '[watcher:web]\ncmd = sleep 1000\n'

/** `circusctl` without a command, in a terminal; what it keeps lies in the folder. */
function console(folder: Folder, daemon: { readonly endpoint: string }, ...args: string[]): Promise<Terminal> {
  const env = { CIRCUSCTL_ENDPOINT: daemon.endpoint, XDG_STATE_HOME: folder.at('state'), NO_COLOR: '1' }
  return Terminal.start([process.execPath, bin('circusctl'), ...args], { env, cwd: folder.path })
}

/** The last line of the screen is a prompt and nothing else. */
const atPrompt = /^\(circusctl\)$(?!\n)/m

test('the console begins with version and status, and goes on after failures until Ctrl-D', async () => {
  using folder = new Folder()
  await using daemon = await Daemon.start(folder, web)
  await using terminal = await console(folder, daemon)
  const { version } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'))

  await terminal.shows(atPrompt)
  assert.match(await terminal.screen(), RegExp(`^circusctl ${version}\n.*web.*active.*\n\\(circusctl\\)$`, 's'))
  await terminal.enter('status nobody')
  await terminal.shows(/^error: program nobody not found\n\(circusctl\)$/m)
  await terminal.enter('nonsense')
  await terminal.shows(/nonsense.*no such command.*\n\(circusctl\)$/ms)
  await terminal.enter('incr')
  await terminal.shows(/^circusctl incr: NAME is missing.*\n\(circusctl\)$/ms)
  await terminal.enter('incr web --nonsense')
  await terminal.shows(/there is no flag --nonsense.*\n\(circusctl\)$/ms)
  await terminal.enter(`numwatchers --endpoint ipc://${folder.at('nobody')}`)
  await terminal.shows(/cannot reach.*\n\(circusctl\)$/ms)
  await terminal.enter("status 'web")
  await terminal.shows(/left open\n\(circusctl\)$/m)
  await terminal.enter('incr web')
  await terminal.shows(/^\(circusctl\) incr web\n2\n\(circusctl\)$/m)
  await terminal.press('C-d')
  await terminal.shows(/^ended with 0$/m)
})

test('help tells of all commands and of one, and quit is the command that ends the daemon while exit leaves', async () => {
  using folder = new Folder()
  await using daemon = await Daemon.start(folder, web)
  await using terminal = await console(folder, daemon)

  await terminal.shows(atPrompt)
  await terminal.enter('help')
  await terminal.shows(/^ {2}numwatchers +Count the watchers\.$.*\n\(circusctl\)$/ms)
  await terminal.enter('help incr')
  await terminal.shows(/circusctl incr NAME \[NB\] \[--waiting\]$.*\n\(circusctl\)$/ms)
  await terminal.enter('?decr')
  await terminal.shows(/circusctl decr NAME \[NB\] \[--waiting\]$.*\n\(circusctl\)$/ms)
  await terminal.enter('help nonsense')
  await terminal.shows(/no command 'nonsense'\n\(circusctl\)$/m)
  await terminal.enter('quit')
  await terminal.shows(/^\(circusctl\) quit\nok\n/m)
  assert.deepEqual(await daemon.end(), { code: 0, signal: null })
  await terminal.shows(/^The daemon at .* is gone\.\n\(circusctl\)$/m)
  await terminal.enter('exit')
  await terminal.shows(/^ended with 0$/m)
})

test('Tab completes commands, watchers, options and pids, quoted as the word is, and lists what there is', async () => {
  using folder = new Folder()
  await using daemon = await Daemon.start(
    folder,
    `${web}[watcher:my app]\ncmd = sleep 1000\n[watcher:my api]\ncmd = sleep 1000\n[watcher:big job]\ncmd = sleep 1000\n`,
  )
  await using terminal = await console(folder, daemon)
  const [pid] = await daemon.pids('web')
  const completed = async (line: string, expected: RegExp) => {
    await terminal.shows(atPrompt)
    await terminal.type(line)
    await terminal.press('Tab')
    await terminal.shows(expected)
    await terminal.press('C-c')
  }

  await completed('numw', /^\(circusctl\) numwatchers$/m)
  await completed('stop w', /^\(circusctl\) stop web$/m)
  await completed('status big', /^\(circusctl\) status big\\ job$/m)
  await completed('status "my app', /^\(circusctl\) status "my app"$/m)
  await completed(`kill web ${String(pid).slice(0, -1)}`, RegExp(`^\\(circusctl\\) kill web ${pid}$`, 'm'))
  await completed('get web max_r', /^\(circusctl\) get web max_retry$/m)
  await completed('start --wai', /^\(circusctl\) start --waiting$/m)
  await completed('help numw', /^\(circusctl\) help numwatchers$/m)
  await terminal.shows(atPrompt)
  await terminal.type('list m')
  await terminal.press('Tab')
  await terminal.shows(/^\(circusctl\) list my\\ ap$/m)
  await terminal.press('Tab')
  await terminal.shows(/^my\\ api +my\\ app$.*\n\(circusctl\) list my\\ ap$/ms)
  await terminal.enter('p')
  await terminal.shows(/^\(circusctl\) list my\\ app\n\S/m)
  await terminal.enter(`status 'my app'`)
  await terminal.shows(/^\(circusctl\) status 'my app'\n\S.*active.*\n\(circusctl\)$/ms)
})

test('Up brings back earlier lines, those of the last console too; secrets are not kept', async () => {
  using folder = new Folder()
  await using daemon = await Daemon.start(folder, web)
  {
    await using terminal = await console(folder, daemon)
    await terminal.shows(atPrompt)
    await terminal.enter('numwatchers')
    await terminal.shows(/^2\n\(circusctl\)$/m)
    await terminal.enter('set web env SHOE_SIZE=43')
    await terminal.shows(/^ok\n\(circusctl\)$/m)
    await terminal.press('Up')
    await terminal.shows(/^ok\n\(circusctl\) set web env SHOE_SIZE=43$/m)
    await terminal.press('C-c', 'C-d')
    await terminal.shows(/^ended with 0$/m)
  }

  await using terminal = await console(folder, daemon)
  await terminal.shows(atPrompt)
  await terminal.press('Up')
  await terminal.shows(/^\(circusctl\) numwatchers$/m)
  const file = folder.at('state/circusctl/history')
  assert.equal(readFileSync(file, 'utf8'), 'numwatchers\n')
  assert.equal(statSync(file).mode & 0o777, 0o600)
})

test('Ctrl-C gives up a line, ends listen and the wait for an answer, and the console goes on', async () => {
  using folder = new Folder()
  const stubborn =
    '[watcher:stubborn]\ncmd = sh -c \'trap "" TERM; while :; do sleep 1; done\'\ngraceful_timeout = 1000\n'
  await using daemon = await Daemon.start(folder, web + stubborn)
  await using terminal = await console(folder, daemon)

  await terminal.shows(atPrompt)
  await terminal.type('quit')
  await terminal.press('C-c')
  await terminal.shows(/^\(circusctl\) quit\^C\n\(circusctl\)$/m)
  await terminal.enter('listen watcher.web.')
  for (let seen = false; !seen; ) {
    await daemon.ctl('restart', 'web', '--waiting')
    seen = /^watcher\.web\.spawn: /m.test(await terminal.screen())
  }
  await terminal.press('C-c')
  await terminal.shows(/^\(circusctl\)$(?!\n)/m)
  await terminal.enter('stop stubborn --waiting')
  for (let seen = false; !seen; ) seen = (await daemon.ctl('status', 'stubborn')).stdout === 'stopping\n'
  await terminal.press('C-c')
  await terminal.shows(atPrompt)
  await terminal.enter('numwatchers')
  await terminal.shows(/^\(circusctl\) numwatchers\n3\n\(circusctl\)$/m)
  await daemon.ctl('kill', 'stubborn', '--signum', 'KILL')
  for (let seen = false; !seen; ) seen = (await daemon.ctl('status', 'stubborn')).stdout === 'stopped\n'
})

test('Ctrl-C ends the wait for what does not answer, at the beginning too', async () => {
  const silent = createServer().listen(0, '127.0.0.1')
  silent.on('connection', (socket) => socket.on('error', () => {})) // a client that goes away may reset it
  await once(silent, 'listening')
  const { port } = silent.address() as AddressInfo
  using folder = new Folder()
  try {
    const asked = once(silent, 'connection')
    const args = ['--endpoint', `tcp://127.0.0.1:${port}`, '--timeout', '1000']
    await using terminal = await console(folder, { endpoint: '' }, ...args)
    await asked

    await terminal.press('C-c')
    await terminal.shows(atPrompt)
    const askedAgain = once(silent, 'connection')
    await terminal.enter('numwatchers')
    await askedAgain
    await terminal.press('C-c')
    await terminal.shows(/numwatchers\n\^C\n\(circusctl\)$/)
  } finally {
    silent.close()
  }
})

test('a daemon that is killed and started again is told of once each, and the line being typed stays', async () => {
  using folder = new Folder()
  await using first = await Daemon.start(folder, web)
  const left = [...(await first.pids('web')), ...(await first.pids('last'))]
  await using terminal = await console(folder, first)
  await terminal.shows(atPrompt)
  await terminal.type('numwat')

  first.kill('SIGKILL')
  for (const pid of left) process.kill(pid, 'SIGKILL')
  await first.end()
  await terminal.shows(/^The daemon at \S+ is gone\.\n\(circusctl\) numwat$/m)
  await using _second = await Daemon.start(folder, web)
  await terminal.shows(/is gone\.\nThe daemon at \S+ is back\.\n\(circusctl\) numwat$/m)
  await terminal.enter('chers')
  await terminal.shows(/is back\.\n\(circusctl\) numwatchers\n2\n\(circusctl\)$/m)
})

test('commands of the daemon’s plugins are completed, explained and carried out, mistakes included', async () => {
  using folder = new Folder()
  const sample = `[plugin:sample]\nuse = ${root}/test/fixtures/packages/circusd-plugin-sample/index.js\n`
  await using daemon = await Daemon.start(folder, web + sample)
  await using terminal = await console(folder, daemon)

  await terminal.shows(atPrompt)
  await terminal.type('dea')
  await terminal.press('Tab')
  await terminal.shows(/^\(circusctl\) deaths$/m)
  await terminal.type('w')
  await terminal.press('Tab')
  await terminal.shows(/^\(circusctl\) deaths web$/m)
  await terminal.press('Enter')
  await terminal.shows(/^\(circusctl\) deaths web\nweb: no deaths\n\(circusctl\)$/m)
  await terminal.enter('help deaths')
  await terminal.shows(/plugin sample.*circusctl deaths WATCHER.*\n\(circusctl\)$/s)
  await terminal.enter('deaths')
  await terminal.shows(/WATCHER is missing.*\n\(circusctl\)$/s)
  await terminal.enter('help')
  await terminal.shows(/^ {2}deaths +.*\(plugin sample\)$.*\n\(circusctl\)$/ms)
})

test('several lines that are pasted are carried out one after the other', async () => {
  using folder = new Folder()
  await using daemon = await Daemon.start(folder, web)
  await using terminal = await console(folder, daemon)

  await terminal.shows(atPrompt)
  await terminal.type('incr web --waiting\nincr web --waiting\nnumprocesses web\n')

  await terminal.shows(/\n2\n.*\n3\n.*\n3\n\(circusctl\)$/s)
})

test('without a terminal the lines of standard input are carried out, and the worst decides', async () => {
  using folder = new Folder()
  await using daemon = await Daemon.start(folder, `${web}[watcher:my app]\ncmd = sleep 1000\n`)
  const file = folder.write('lines', '# a comment\n\nstatus "my app"\nstatus nobody\nincr\nnumwatchers\n')
  const env = { CIRCUSCTL_ENDPOINT: daemon.endpoint }
  const fed = (input: string, ...args: string[]) =>
    runToEnd('sh', ['-c', 'exec "$@" <"$0"', input, process.execPath, bin('circusctl'), ...args], { env })

  const { code, stdout, stderr } = await fed(file)
  const good = await fed(folder.write('good', 'numwatchers\nexit\nstatus nobody\n'), '--json')

  assert.equal(code, 3)
  assert.equal(stdout, 'active\n3\n')
  assert.match(stderr, /^error: program nobody not found\ncircusctl incr: NAME is missing/)
  assert.deepEqual([good.code, JSON.parse(good.stdout).numwatchers], [0, 3])
  assert.equal((await fed('/dev/null')).code, 0)
})
