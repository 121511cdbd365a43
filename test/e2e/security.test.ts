import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import test from 'node:test'
import { Dealer } from 'zeromq'
import { Daemon } from './support/daemon.ts'
import { Folder } from './support/folder.ts'
import { bin, Program, runBin, runToEnd } from './support/program.ts'

const watcher = '[watcher:web]\ncmd = sleep 1000\n'

/** A folder with keys as `circusctl keys init` makes them, where `circusctl` looks for them. */
class Keys {
  /** For programs that are to find the keys. */
  readonly env: Readonly<Record<string, string>>
  readonly folder: string
  readonly circus: string

  constructor(folder: Folder) {
    this.env = { XDG_CONFIG_HOME: folder.at('config'), CIRCUS_KEY: '' }
    this.folder = folder.at('config/circus/keys')
    this.circus = `auth = curve\nserver_key = ${this.folder}/server.key\nclient_keys = ${this.folder}/clients\n`
  }

  /** Run `circusctl keys …`. */
  ctl(...args: string[]) {
    return runBin('circusctl', ['keys', ...args], { env: this.env })
  }

  file(name: string): string {
    return `${this.folder}/${name}.key`
  }
}

test('what Node compiled is run again from no place that another user can write to', async () => {
  using folder = new Folder()
  const env = { TMPDIR: folder.path, HOME: folder.path, NODE_COMPILE_CACHE: '' }

  const { code } = await runBin('circusd', ['--version'], { env })

  assert.equal(code, 0)
  assert.deepEqual(readdirSync(folder.path), [])
})

/** Run `circusctl` against a daemon, as somebody who has no key but the one that is given. */
const ask = (daemon: Daemon, args: readonly string[], key = '') =>
  runBin('circusctl', args, {
    env: { CIRCUSCTL_ENDPOINT: daemon.endpoint, XDG_CONFIG_HOME: '/nonexistent', CIRCUS_KEY: key },
  })

test('circusctl keys makes keys with which circusctl, circus-plugin and the daemon find together', async () => {
  using folder = new Folder()
  const keys = new Keys(folder)
  const init = await keys.ctl('init', 'boss')
  assert.equal(init.code, 0, init.stderr)
  await using daemon = await Daemon.start(folder, watcher, [], keys.circus)
  const added = await keys.ctl('add', 'vera')
  assert.equal(added.code, 0, added.stderr)

  const found = await runBin('circusctl', ['status', 'web'], {
    env: { ...keys.env, CIRCUSCTL_ENDPOINT: daemon.endpoint },
  })
  assert.deepEqual([found.code, found.stdout], [0, 'active\n'])
  assert.equal((await ask(daemon, ['status', 'web', '--key', keys.file('vera')])).stdout, 'active\n')
  assert.equal((await ask(daemon, ['status', 'web'], keys.file('vera'))).stdout, 'active\n')
  const plugin = new Program(
    process.execPath,
    [bin('circus-plugin'), 'flapping', '--endpoint', daemon.endpoint, '--key', keys.file('client')],
    { env: { XDG_CONFIG_HOME: '/nonexistent', CIRCUS_KEY: '' } },
  )
  await using _ = plugin
  const dying = ['add', 'dying', 'false', '--start']
  assert.equal((await ask(daemon, dying, keys.file('client'))).code, 0)
  await daemon.line(/stop \{"name":"dying".*\} asked by key boss \(admin\)/)
})

test('without a key, with a wrong one, or with too low a role the daemon is not harmed, and the error says what to check', async (t) => {
  using folder = new Folder()
  const keys = new Keys(folder)
  await keys.ctl('init', 'boss')
  await keys.ctl('add', 'vera', '--role', 'view')
  await keys.ctl('add', 'otto', '--role', 'operate')
  const other = `${folder.at('other')}`
  await keys.ctl('init', '--folder', other)
  await keys.ctl('add', 'eve', '--folder', other)
  await using daemon = await Daemon.start(folder, watcher, [], keys.circus)

  const stranger = folder.write(
    'stranger.key',
    readFileSync(`${other}/eve.key`, 'utf8').replace(/^server = .*$/m, () => serverLine(keys.file('vera'))),
  )
  assert.equal(statSync(keys.file('vera')).mode & 0o777, 0o600)
  assert.equal((await runToEnd('chmod', ['600', stranger])).code, 0)
  const cases: [args: string[], key: string, code: number, message: RegExp][] = [
    [['quit'], '', 1, /wants a key, and none was given.*--key/],
    [['quit'], 'none', 1, /wants a key, and none was given/],
    [['quit'], `${other}/eve.key`, 1, /another key than the one in your key file/],
    [['quit'], stranger, 1, /is not in its list of clients/],
    [['quit'], folder.at('nowhere'), 1, /nowhere: there is no such file/],
    [['quit'], keys.file('vera'), 3, /quit takes the role admin, and key vera has view/],
    [['stop', 'web'], keys.file('vera'), 3, /stop takes the role operate, and key vera has view/],
    [['set', 'web', 'cmd', 'id'], keys.file('otto'), 3, /set takes the role admin, and key otto has operate/],
  ]
  for (const [args, key, code, message] of cases) {
    const refused = await ask(daemon, args, key)
    assert.equal(refused.code, code, `${args} ${key}: ${refused.stderr}`)
    assert.match(refused.stderr, message)
  }
  assert.equal((await ask(daemon, ['status', 'web'], keys.file('client'))).stdout, 'active\n')
  assert.match((await ask(daemon, ['get', 'web', 'cmd'], keys.file('vera'))).stdout, /sleep 1000/)
  // circusctl is gone as soon as the greeting tells it that a key is wanted, perhaps before the daemon has seen that it has none.
  const plain = new Dealer({ linger: 0 })
  t.after(() => plain.close())
  plain.connect(daemon.endpoint)
  for (const line of [
    /refused a client that came without a key/,
    /its key \S{40} is not in/,
    /expects another server key/,
  ])
    await daemon.line(line)
})

test('a key that is removed ends what it is listening to', async () => {
  using folder = new Folder()
  const keys = new Keys(folder)
  await keys.ctl('init', 'boss')
  await keys.ctl('add', 'vera', '--role', 'view')
  await using daemon = await Daemon.start(folder, watcher, [], keys.circus)
  await using listening = new Program(process.execPath, [bin('circusctl'), 'listen', '--key', keys.file('vera')], {
    env: { CIRCUSCTL_ENDPOINT: daemon.endpoint },
  })
  const news = setInterval(() => void ask(daemon, ['incr', 'web'], keys.file('client')), 300)
  await listening.line(/^watcher\.web\.spawn/m).finally(() => clearInterval(news))

  assert.equal((await keys.ctl('remove', 'vera')).code, 0)

  assert.equal((await listening.end()).code, 1)
  assert.match(listening.stderr, /is not in its list of clients/)
  assert.equal((await ask(daemon, ['list'], keys.file('vera'))).code, 1)
})

test('keys are never overwritten, and nobody else can read them', async () => {
  using folder = new Folder()
  const keys = new Keys(folder)
  await keys.ctl('init', 'boss')
  await keys.ctl('add', 'vera')
  const contents = () => readdirSync(keys.folder).map((name) => readFileSync(`${keys.folder}/${name}`, 'utf8'))
  const before = contents()
  for (const args of [
    ['init'],
    ['init', 'me'],
    ['add', 'vera'],
    ['add', 'boss'],
    ['add', 'client'],
    ['remove', 'nobody'],
  ]) {
    const { code, stderr } = await keys.ctl(...args)
    assert.notEqual(code, 0, `${args}`)
    assert.notEqual(stderr, '')
  }
  assert.deepEqual(contents(), before)
  assert.equal(statSync(keys.folder).mode & 0o777, 0o700)
  for (const name of readdirSync(keys.folder))
    assert.equal(statSync(`${keys.folder}/${name}`).mode & 0o777, 0o600, name)
  const said = await keys.ctl('list')
  for (const secret of before.flatMap((text) => [...text.matchAll(/^secret = (.*)$/gm)].map(([, key]) => key!)))
    assert.ok(!said.stdout.includes(secret))
  assert.match(said.stdout, /^vera: view, \S{40}$/m)
})

test('a default key does not keep circusctl from daemons without keys on this machine; one that was asked for does', async () => {
  using folder = new Folder()
  const keys = new Keys(folder)
  await keys.ctl('init', 'boss')
  await using daemon = await Daemon.start(folder, watcher)
  const env = { ...keys.env, CIRCUSCTL_ENDPOINT: daemon.endpoint }
  const plain = await runBin('circusctl', ['status', 'web'], { env })
  assert.deepEqual([plain.code, plain.stdout], [0, 'active\n'])
  const insisting = await runBin('circusctl', ['quit', '--key', keys.file('client')], { env })
  assert.equal(insisting.code, 1)
  assert.match(insisting.stderr, /does not use CURVE/)
})

const python = ['python3', '/usr/bin/python3'].find((name) => spawnSync(name, ['-c', 'import zmq']).status === 0)

const pythonClient = `
import json, sys, zmq
endpoint, public, secret, server = sys.argv[1:]
socket = zmq.Context().socket(zmq.DEALER)
socket.linger = 0
socket.rcvtimeo = 10000
socket.curve_publickey, socket.curve_secretkey, socket.curve_serverkey = (key.encode() for key in (public, secret, server))
socket.connect(endpoint)
for command in 'list', 'quit':
    socket.send_json({'id': 'x', 'command': command, 'properties': {}})
    reply = socket.recv_json()
    print(command, reply['status'], reply.get('watchers') or reply.get('code'))
`

test('a client in Python that knows CURVE may look', { skip: python === undefined && 'no pyzmq' }, async () => {
  using folder = new Folder()
  const keys = new Keys(folder)
  await keys.ctl('init', 'boss')
  await using daemon = await Daemon.start(folder, watcher, [], keys.circus)
  const [key, secret, server] = ['public', 'secret', 'server'].map((name) => keyIn(keys.file('client'), name))
  const client = await runToEnd(python!, ['-c', pythonClient, daemon.endpoint, key!, secret!, server!])
  assert.equal(client.stdout, "list ok ['last', 'web']\nquit error ERR_ROLE_TOO_LOW\n", client.stderr)
})

const serverLine = (file: string) => `server = ${keyIn(file, 'server')}`

function keyIn(file: string, name: string): string {
  return readFileSync(file, 'utf8')
    .split('\n')
    .find((line) => line.startsWith(`${name} = `))!
    .slice(`${name} = `.length)
}
