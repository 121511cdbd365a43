import assert from 'node:assert/strict'
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import test from 'node:test'
import { configFromObject, type SocketOptions } from '../../../core/config/index.ts'
import { Sockets } from '../../../core/sockets/sockets.ts'
import { LogRecorder, temporaryFolder } from '../../harness/index.ts'

type Plan = Partial<SocketOptions> & { name: string }

async function configs(...sockets: Plan[]) {
  return (await configFromObject({ sockets })).sockets
}

async function opened(...plans: Plan[]) {
  const sockets = new Sockets(new LogRecorder().log)
  await sockets.open(await configs(...plans))
  return Object.assign(sockets, { [Symbol.dispose]: () => sockets.close() })
}

const use = {
  use_sockets: true,
  sockets: [],
  cmd: 'x',
  args: '',
  shell_args: null,
  stdin_socket: null,
}

const portOf = (sockets: Sockets, name: string) =>
  (sockets.all.find((socket) => socket.name === name)!.address as { port: number }).port

const openFds = () => readdirSync('/proc/self/fd').length

test('a process gets the sockets its command names, or those listed, or all, by name', async () => {
  using sockets = await opened({ name: 'web', port: 0 }, { name: 'Api', port: 0 }, { name: 'db', port: 0 })
  const names = (more: object) => sockets.lend({ ...use, ...more }).names

  assert.deepEqual(names({}), ['api', 'db', 'web'])
  assert.deepEqual(names({ cmd: 'serve $(circus.sockets.WEB)', args: ['((circus.sockets.api))'] }), ['api', 'web'])
  assert.deepEqual(names({ cmd: 'serve $(circus.sockets.web)', sockets: ['db'] }), ['db'])
  assert.deepEqual(names({ use_sockets: false, cmd: '$(circus.sockets.web)' }), [])
})

test('a standard input socket needs no use_sockets', async () => {
  using sockets = await opened({ name: 'web', port: 0 })
  const loan = sockets.lend({ ...use, use_sockets: false, stdin_socket: 'WEB' })

  assert.equal(loan.stdin, sockets.all[0]!.fd)
  assert.deepEqual(loan.fds, [])
})

test('with so_reuseport every process gets a socket of its own at the same port', async () => {
  for (const type of ['SOCK_STREAM', 'SOCK_DGRAM'] as const) {
    using sockets = await opened({ name: 'web', port: 0, so_reuseport: true, type })
    const before = openFds()
    const first = sockets.lend(use)
    const second = sockets.lend(use)

    assert.notEqual(first.fds[0], second.fds[0])
    assert.notEqual(portOf(sockets, 'web'), 0)
    first[Symbol.dispose]()
    second[Symbol.dispose]()
    assert.equal(openFds(), before)
  }
})

test('all are bound, or none', async () => {
  await using taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  const { port } = taken.address() as { port: number }
  const before = openFds()
  const sockets = new Sockets(new LogRecorder().log)

  await assert.rejects(sockets.open(await configs({ name: 'a', port: 0 }, { name: 'b', host: '127.0.0.1', port })), {
    code: 'ERR_SOCKET_UNAVAILABLE',
    message: `[socket:b] API: bind 127.0.0.1:${port}: EADDRINUSE, address already in use (by pid ${process.pid}, node)`,
  })
  assert.equal(openFds(), before)
})

test('a unix socket leaves no file, and takes away none but its own kind', async () => {
  using folder = temporaryFolder()
  const path = folder.path('web.sock')
  const sockets = await opened({ name: 'web', path, umask: 0o117 })
  assert.equal(statSync(path).mode & 0o777, 0o660)

  await assert.rejects(opened({ name: 'other', path }), /exists already \(somebody listens there\)/)
  sockets.close()
  assert.equal(existsSync(path), false)

  writeFileSync(path, '')
  await assert.rejects(opened({ name: 'web', path, replace: true }), /is a file that is not a socket/)
})

test('replace takes the place of an older socket, whose end then leaves the new file alone', async () => {
  using folder = temporaryFolder()
  const path = folder.path('web.sock')
  const older = await opened({ name: 'web', path })
  using _newer = await opened({ name: 'web', path, replace: true })

  older.close()

  assert.equal(existsSync(path), true)
})

test('a change keeps what is the same, follows what can follow, and closes the rest when asked to', async () => {
  using sockets = await opened({ name: 'a', port: 0 }, { name: 'b', port: 0 }, { name: 'c', port: 0 })
  const [a, b] = sockets.all.map(({ fd }) => fd)

  const change = await sockets.prepare(
    await configs({ name: 'a', port: 0 }, { name: 'b', port: 0, backlog: 3 }, { name: 'd', port: 0 }),
  )
  assert.deepEqual(
    sockets.all.map(({ name }) => name),
    ['a', 'b', 'c'],
  )
  const before = openFds()
  change.apply()
  change[Symbol.dispose]()

  assert.deepEqual(
    sockets.all.map(({ name }) => name),
    ['a', 'b', 'd'],
  )
  assert.deepEqual([sockets.all[0]!.fd, sockets.all[1]!.fd], [a, b])
  assert.equal(openFds(), before - 1)
})

test('a change that is not made, or comes after the end, leaves nothing open', async () => {
  using sockets = await opened({ name: 'a', host: '127.0.0.1', port: 0 })
  const before = openFds()
  const another = await configs({ name: 'b', host: '127.0.0.1', port: 0 })

  const dropped = await sockets.prepare(another)
  dropped[Symbol.dispose]()
  assert.deepEqual([openFds(), sockets.all[0]!.name], [before, 'a'])

  const late = await sockets.prepare(another)
  sockets.close()
  late.apply()
  assert.deepEqual(sockets.all, [])
  late[Symbol.dispose]()
  assert.equal(openFds(), before - 1)
})

test('a change that cannot be had changes nothing', async () => {
  using sockets = await opened({ name: 'a', host: '127.0.0.1', port: 0 })
  const port = portOf(sockets, 'a')
  const before = openFds()

  await assert.rejects(sockets.prepare(await configs({ name: 'b', port: 0 }, { name: 'c', host: '127.0.0.1', port })), {
    code: 'ERR_SOCKET_UNAVAILABLE',
  })
  assert.deepEqual(
    sockets.all.map(({ name }) => name),
    ['a'],
  )
  assert.equal(openFds(), before)
})

test('a host of the other family, or none at all, is told', async () => {
  await assert.rejects(opened({ name: 'a', host: '::1' }), /::1 is not an address of AF_INET; say family = AF_INET6/)
  await assert.rejects(opened({ name: 'a', host: 'no-such-host.invalid' }), { code: 'ERR_SOCKET_UNAVAILABLE' })
})
