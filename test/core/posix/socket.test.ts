import assert from 'node:assert/strict'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import test from 'node:test'
import { interfaceIndex } from '../../../core/posix/libc.ts'
import {
  boundAddress,
  closeSocket,
  isStale,
  listenOn,
  openSocket,
  type SocketPlan,
  typeOf,
} from '../../../core/posix/socket.ts'
import { decodeAddress, encodeAddress, type SocketAddress } from '../../../core/posix/socket-address.ts'
import { queueOf } from '../../../core/posix/socket-queue.ts'
import { temporaryFolder } from '../../harness/index.ts'

const loopback: SocketAddress = { family: 'AF_INET', host: '127.0.0.1', port: 0 }
const plain = { type: 'SOCK_STREAM', proto: null, reusePort: false, interface: null, blocking: false } as const

function opened(plan: Partial<SocketPlan> & Pick<SocketPlan, 'address'>, umask: number | null = null) {
  const fd = openSocket({ ...plain, ...plan }, umask)
  return { fd, [Symbol.dispose]: () => closeSocket(fd) }
}

async function connected(address: SocketAddress) {
  const socket = address.family === 'AF_UNIX' ? connect(address.path) : connect(address.port, address.host)
  await once(socket, 'connect')
  return { [Symbol.dispose]: () => void socket.destroy() }
}

test('addresses are read back as they were written', () => {
  const addresses: SocketAddress[] = [
    { family: 'AF_INET', host: '192.0.2.7', port: 65_535 },
    { family: 'AF_INET6', host: '::', port: 0 },
    { family: 'AF_INET6', host: '2001:db8::1:0:0:7', port: 80 },
    { family: 'AF_UNIX', path: '/run/ä b.sock' },
  ]
  for (const address of addresses) {
    const bytes = encodeAddress(address)
    assert.deepEqual(decodeAddress(bytes, bytes.length), address)
  }
  const mapped = encodeAddress({ family: 'AF_INET6', host: '::ffff:192.0.2.7', port: 1 })
  assert.deepEqual(decodeAddress(mapped, mapped.length), { family: 'AF_INET6', host: '::ffff:c000:207', port: 1 })
})

test('the scope of an IPv6 address is an interface, by its name or index', () => {
  const name = Object.keys(networkInterfaces())[0]!
  const scope = interfaceIndex(name)
  const bytes = encodeAddress({ family: 'AF_INET6', host: `fe80::1%${name}`, port: 80 })

  const host = `fe80::1%${scope}`
  assert.deepEqual(decodeAddress(bytes, bytes.length), { family: 'AF_INET6', host, port: 80 })
  assert.deepEqual(encodeAddress({ family: 'AF_INET6', host, port: 80 }), bytes)
  assert.throws(
    () => encodeAddress({ family: 'AF_INET6', host: 'fe80::1%nothing9', port: 80 }),
    /if_nametoindex nothing9/,
  )
})

test('a path that no socket can have is refused', () => {
  assert.throws(() => encodeAddress({ family: 'AF_UNIX', path: `/${'x'.repeat(120)}` }), /121 bytes/)
})

test('what listens is connected to without anybody accepting, and the queue tells of it', async () => {
  using folder = temporaryFolder()
  const addresses: SocketAddress[] = [
    loopback,
    { family: 'AF_INET6', host: '::1', port: 0 },
    { family: 'AF_UNIX', path: folder.path('a.sock') },
  ]
  for (const address of addresses) {
    using socket = opened({ address })
    listenOn(socket.fd, 7)
    const bound = boundAddress(socket.fd)!
    using _first = await connected(bound)
    using _second = await connected(bound)

    assert.deepEqual(queueOf(socket.fd, 'SOCK_STREAM', address.family), { connections: 2, limit: 7 })
  }
})

test('datagrams that wait are told in bytes', () => {
  using socket = opened({ address: loopback, type: 'SOCK_DGRAM' })

  assert.deepEqual(queueOf(socket.fd, 'SOCK_DGRAM', 'AF_INET'), { bytes: 0 })
})

test('every type of socket that needs no privilege can be made', () => {
  using folder = temporaryFolder()
  for (const type of ['SOCK_STREAM', 'SOCK_DGRAM', 'SOCK_SEQPACKET'] as const) {
    using socket = opened({ address: { family: 'AF_UNIX', path: folder.path(type) }, type })
    assert.equal(typeOf(socket.fd), type)
  }
})

test('the mask is the one of the socket file, and not of the daemon', () => {
  using folder = temporaryFolder()
  const before = process.umask()
  using _socket = opened({ address: { family: 'AF_UNIX', path: folder.path('a') } }, 0o117)

  assert.equal(statSync(folder.path('a')).mode & 0o777, 0o660)
  assert.equal(process.umask(), before)
})

test('a failure names the call, the address and the reason', () => {
  using taken = opened({ address: loopback })
  listenOn(taken.fd, 1)
  const { port } = boundAddress(taken.fd) as { port: number }

  assert.throws(() => opened({ address: { ...loopback, port } as SocketAddress }), {
    code: 'ERR_SYSTEM_CALL',
    message: `bind 127.0.0.1:${port}: EADDRINUSE, address already in use`,
  })
  assert.throws(
    () => opened({ address: loopback, interface: 'no-such-one' }),
    /setsockopt SO_BINDTODEVICE no-such-one: E/,
  )
  assert.throws(() => opened({ address: loopback, proto: 'nonsense' }), /getprotobyname nonsense/)
  assert.throws(() => opened({ address: loopback, proto: 'udp' }), /socket SOCK_STREAM 127.0.0.1:0: EPROTONOSUPPORT/)
})

test('sockets with so_reuseport share a port', () => {
  using first = opened({ address: loopback, reusePort: true })
  using _second = opened({ address: boundAddress(first.fd)!, reusePort: true })
})

test('a unix socket is stale when nobody listens at its file', () => {
  using folder = temporaryFolder()
  const path = folder.path('a')
  {
    using socket = opened({ address: { family: 'AF_UNIX', path } })
    listenOn(socket.fd, 1)
    assert.equal(isStale(path, 'SOCK_STREAM'), false)
  }
  assert.equal(isStale(path, 'SOCK_STREAM'), true)
})
