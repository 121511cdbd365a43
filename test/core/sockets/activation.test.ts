import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import test from 'node:test'
import { boundAddress, closeSocket, listenOn, openSocket } from '../../../core/posix/socket.ts'
import { lives } from '../../e2e/support/daemon.ts'
import { Folder } from '../../e2e/support/folder.ts'
import { bin, Program } from '../../e2e/support/program.ts'
import { type Answer, answers } from './asking.ts'

/** A socket as systemd would hand it down: connections wait in its queue from now on. */
function listening(): { readonly fd: number; readonly port: number } & Disposable {
  const address = { family: 'AF_INET', host: '127.0.0.1', port: 0 } as const
  const plan = { type: 'SOCK_STREAM', proto: null, reusePort: false, interface: null, blocking: false } as const
  const fd = openSocket({ address, ...plan }, null)
  listenOn(fd, 10)
  const { port } = boundAddress(fd) as { port: number }
  return { fd, port, [Symbol.dispose]: () => closeSocket(fd) }
}

interface Start {
  readonly folder: Folder
  /** The option of `[socket:web]`. */
  readonly fd: string | number
  readonly env?: Readonly<Record<string, string>>
  /** Sockets that become 3, 4, … of the daemon. */
  readonly fds: readonly number[]
}

/** A daemon that is told of sockets as sd_listen_fds(3) says, its own pid included unless `env` says another. */
function activated({ folder, fd, env = {}, fds }: Start): Program {
  const ini = `${folder.circus}[socket:web]
fd = ${fd}
[watcher:web]
cmd = ${answers('$(circus.sockets.web)')}
use_sockets = true
`
  const file = folder.write('circus.ini', ini)
  const line = [process.execPath, bin('circusd'), file]
  return new Program('/bin/sh', ['-c', `: "\${LISTEN_PID=$$}"; export LISTEN_PID; exec "$@"`, 'sh', ...line], {
    env: { LISTEN_FDS: String(fds.length), ...env },
    fds,
  })
}

const answerAt = async (port: number): Promise<Answer> => JSON.parse(await text(connect(port, '127.0.0.1')))

for (const [what, fd] of [
  ['its number', 4],
  ['its name', 'web'],
] as const) {
  test(`a watcher serves a socket that the daemon was started with, called by ${what}`, async () => {
    using folder = new Folder()
    using other = listening()
    using web = listening()
    await using daemon = activated({ folder, fd, env: { LISTEN_FDNAMES: 'other:web' }, fds: [other.fd, web.fd] })

    const answer = await answerAt(web.port)

    // What the daemon was told is not what its processes are told.
    const { LISTEN_FDS, LISTEN_FDNAMES, LISTEN_PID } = answer
    assert.deepEqual([answer.fd, LISTEN_FDS, LISTEN_FDNAMES, LISTEN_PID], [3, '1', 'web', String(answer.pid)])
    daemon.kill('SIGTERM')
    assert.deepEqual(await daemon.end(), { code: 0, signal: null })
    assert.equal(lives(answer.pid), false)
  })
}

for (const [what, fd, env, why] of [
  ['a wrong number', 9, {}, /descriptor 9 is not a socket/],
  ['a wrong name', 'api', { LISTEN_FDNAMES: 'web' }, /none of the sockets it was started with is called api: web/],
  ['a name without names', 'web', {}, /none of the sockets it was started with is called web: no names/],
  ['a name beyond LISTEN_FDS', 'b', { LISTEN_FDNAMES: 'a:b' }, /none of the sockets .* is called b: a\n/],
  [
    "somebody else's sockets",
    'web',
    { LISTEN_FDNAMES: 'web', LISTEN_PID: '1' },
    /LISTEN_FDS is meant for process 1, this one is \d+/,
  ],
] as const) {
  test(`${what} stops the start, with the section and why`, async () => {
    using folder = new Folder()
    using web = listening()
    await using daemon = activated({ folder, fd, env, fds: [web.fd] })

    const { code } = await daemon.end()

    assert.equal(code, 1)
    assert.match(daemon.stderr, /\[socket:web\] .*circus\.ini:\d+: /)
    assert.match(daemon.stderr, why)
  })
}

test('a daemon that was started without sockets has none to take', async () => {
  using folder = new Folder()
  const file = folder.write('circus.ini', `${folder.circus}[socket:web]\nfd = web\n`)
  await using daemon = new Program('/usr/bin/env', ['-u', 'LISTEN_FDS', process.execPath, bin('circusd'), file])

  assert.equal((await daemon.end()).code, 1)
  assert.match(daemon.stderr, /\[socket:web\] .*: the daemon was started without sockets \(no LISTEN_FDS\)/)
})
