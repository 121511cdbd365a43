import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { connect } from 'node:net'
import test from 'node:test'
import { startArbiter, untilTrue } from '../../harness/index.ts'
import { answers, ask } from './asking.ts'

/** The sockets among the descriptors of a process, by number, but for its standard streams: the test's may be some. */
function socketsOf(pid: number): number[] {
  const fds = readdirSync(`/proc/${pid}/fd`).filter((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith('socket:')
    } catch {
      return false
    }
  })
  return fds
    .map(Number)
    .filter((fd) => fd > 2)
    .sort((a, b) => a - b)
}

const sockets = ['a', 'b', 'c'].map((name) => `[socket:${name}]\nhost = 127.0.0.1\nport = 0\n`).join('')

test('a process gets the sockets its command names as descriptors from 3, and no others', async () => {
  await using running = await startArbiter(
    `${sockets}
[watcher:named]
cmd = ${answers('$(circus.sockets.c)')}
args = $(circus.sockets.b)
use_sockets = true
[watcher:listed]
cmd = sleep 60
use_sockets = true
sockets = c
[watcher:all]
cmd = sleep 60
use_sockets = true
[watcher:none]
cmd = sleep 60`,
  )
  const { arbiter } = running

  const answer = await ask(arbiter, 'c')

  assert.deepEqual(answer, {
    pid: arbiter.watcher('named').pids[0]!,
    fd: 4,
    release: '3',
    LISTEN_FDS: '2',
    LISTEN_FDNAMES: 'b:c',
    LISTEN_PID: String(arbiter.watcher('named').pids[0]),
  })
  const of = (name: string) => socketsOf(arbiter.watcher(name).pids[0]!)
  assert.deepEqual([of('listed'), of('all'), of('none')], [[3], [3, 4, 5], []])
})

test('unix sockets and IPv6 are served alike', async () => {
  await using running = await startArbiter(
    `[socket:six]
family = AF_INET6
host = ::1
port = 0
[socket:unix]
path = FOLDER/web.sock
[watcher:six]
cmd = ${answers('$(circus.sockets.six)')}
use_sockets = true
[watcher:unix]
cmd = ${answers('$(circus.sockets.unix)')}
use_sockets = true`,
  )
  const { arbiter } = running

  assert.equal((await ask(arbiter, 'six')).pid, arbiter.watcher('six').pids[0])
  assert.equal((await ask(arbiter, 'unix')).pid, arbiter.watcher('unix').pids[0])
})

test('a standard input socket is descriptor 0', async () => {
  await using running = await startArbiter(
    `[socket:in]
host = 127.0.0.1
port = 0
[watcher:web]
cmd = ${answers('0')}
stdin_socket = in`,
  )

  const answer = await ask(running.arbiter, 'in')

  assert.deepEqual([answer.fd, answer.LISTEN_FDS], [0, undefined])
})

test('variables that no shell could hold, and those of the dynamic linker, come through beside LISTEN_PID', async () => {
  await using running = await startArbiter(
    `[socket:web]
host = 127.0.0.1
port = 0
[watcher:web]
cmd = sleep 60
use_sockets = true
[env:web]
my-name = 1
LD_DEBUG_OUTPUT = /tmp/x
PLAIN = a b`,
  )
  const { arbiter } = running
  const [pid] = arbiter.watcher('web').pids
  const read = (file: string) => readFileSync(`/proc/${pid}/${file}`, 'utf8')
  // What comes before the program in the chain of execs has another environment.
  await untilTrue(() => read('cmdline').includes('sleep\0') && read('comm') === 'sleep\n')
  const environment = read('environ').split('\0')

  for (const entry of ['my-name=1', 'LD_DEBUG_OUTPUT=/tmp/x', 'PLAIN=a b', `LISTEN_PID=${pid}`, 'LISTEN_FDNAMES=web'])
    assert.ok(environment.includes(entry), entry)
})

test('a socket that cannot be had stops the start before any process runs', async () => {
  await using first = await startArbiter('[socket:web]\nhost = 127.0.0.1\nport = 0\n')
  const { port } = first.arbiter.sockets.all[0]!.address as { port: number }
  await using second = await startArbiter(
    `[socket:web]\nhost = 127.0.0.1\nport = ${port}\n[watcher:w]\ncmd = sleep 60\n`,
    { start: false },
  )

  await assert.rejects(second.arbiter.start(), {
    code: 'ERR_SOCKET_UNAVAILABLE',
    message: new RegExp(
      `^\\[socket:web\\] .*/circus.ini:1: bind 127.0.0.1:${port}: EADDRINUSE, address already in use \\(by pid ${process.pid}, node\\)$`,
    ),
  })
  assert.equal(
    second.events.all.some(({ event }) => event === 'spawn'),
    false,
  )
})

test('nor does a start go on when a plugin asks for a socket that cannot be had', async () => {
  await using running = await startArbiter('[socket:a]\nhost = 127.0.0.1\nport = 0\n', { start: false })
  const { arbiter } = running
  arbiter.hooks.config.tap('more', (config) => ({
    ...config,
    sockets: config.sockets.map((socket) => ({ ...socket, options: { ...socket.options, host: '::1' } })),
  }))

  await assert.rejects(arbiter.start(), { code: 'ERR_SOCKET_UNAVAILABLE' })

  assert.deepEqual([arbiter.stopping, arbiter.sockets.all], [true, []])
})

test('listsockets tells where they are, what waits, and who uses them', async () => {
  await using running = await startArbiter(
    `[socket:web]
host = 127.0.0.1
port = 0
backlog = 9
[socket:unix]
path = FOLDER/u.sock
[watcher:w]
cmd = sleep 60
use_sockets = true
sockets = web`,
  )
  const { arbiter, client, folder } = running
  const { port } = arbiter.sockets.all.find(({ name }) => name === 'web')!.address as { port: number }
  const connection = connect(port, '127.0.0.1')
  await once(connection, 'connect')

  const { sockets } = await client.call<{ sockets: { name: string; fd: number }[] }>('listsockets')

  connection.destroy()
  const web = sockets.find(({ name }) => name === 'web')!
  const unix = sockets.find(({ name }) => name === 'unix')!
  const place = { host: '127.0.0.1', port }
  assert.deepEqual(web, { fd: web.fd, name: 'web', backlog: 9, ...place, queue: 1, queue_limit: 9, watchers: ['w'] })
  assert.deepEqual(unix, {
    fd: unix.fd,
    name: 'unix',
    backlog: 2048,
    path: folder.path('u.sock'),
    queue: 0,
    queue_limit: Math.min(2048, Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8'))),
    watchers: [],
  })
})
