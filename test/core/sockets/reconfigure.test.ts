import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import test from 'node:test'
import { type RunningArbiter, startArbiter } from '../../harness/index.ts'
import { answers, ask } from './asking.ts'

const socket = (name: string, more = '') => `[socket:${name}]\nhost = 127.0.0.1\nport = 0\n${more}`
const watcher = (name: string, more = '') =>
  `[watcher:${name}]\ncmd = ${answers(`$(circus.sockets.${name})`)}\nuse_sockets = true\n${more}`

/** Write another ini, with the endpoints of the first, and have it read. */
function reconfigure({ folder, arbiter, client }: RunningArbiter, ini: string) {
  const { control, events } = arbiter.endpoints
  folder.write('circus.ini', `${ini}[circus]\nendpoint = ${control}\npubsub_endpoint = ${events}\n`)
  return client.call('reloadconfig', { waiting: true }, { timeoutMs: 30_000 })
}

const fdOf = ({ arbiter }: RunningArbiter, name: string) =>
  arbiter.sockets.all.find((socket) => socket.name === name)?.fd

test('an unchanged socket keeps its descriptor, and its processes; who waits in its queue is served', async () => {
  await using running = await startArbiter(socket('a') + watcher('a'))
  const { arbiter } = running
  const before = [fdOf(running, 'a'), arbiter.watcher('a').pids]

  await reconfigure(running, socket('a') + socket('b') + watcher('a') + watcher('b'))

  assert.deepEqual([fdOf(running, 'a'), arbiter.watcher('a').pids], before)
  assert.equal((await ask(arbiter, 'b')).pid, arbiter.watcher('b').pids[0])
})

test('a changed backlog is followed by the same socket', async () => {
  await using running = await startArbiter(socket('a') + watcher('a'))
  const before = [fdOf(running, 'a'), running.arbiter.watcher('a').pids]

  await reconfigure(running, socket('a', 'backlog = 7\n') + watcher('a'))

  assert.deepEqual([fdOf(running, 'a'), running.arbiter.watcher('a').pids], before)
  assert.equal(running.arbiter.sockets.all[0]!.config.options.backlog, 7)
})

test('when a socket moves, its processes follow, without a gap', async () => {
  await using running = await startArbiter(socket('a') + watcher('a'))
  const { arbiter, folder } = running
  const [old] = arbiter.watcher('a').pids
  await ask(arbiter, 'a')

  await reconfigure(running, `[socket:a]\npath = ${folder.path('a.sock')}\n${watcher('a')}`)

  const { pid } = await ask(arbiter, 'a')
  assert.notEqual(pid, old)
  assert.deepEqual(arbiter.watcher('a').pids, [pid])
})

test('a socket that a watcher needs is not taken away, whoever brought the watcher', async () => {
  await using running = await startArbiter(socket('a') + socket('b') + watcher('a'))
  const { client, arbiter } = running
  await client.call('add', { name: 'late', cmd: 'sleep 60', options: { use_sockets: true, sockets: 'b' } })
  const before = arbiter.sockets.all.map(({ fd }) => fd)

  await assert.rejects(reconfigure(running, socket('b') + watcher('a')), {
    reason: /\[socket:a\] is gone, and watcher a/,
  })
  await assert.rejects(reconfigure(running, socket('a') + watcher('a')), {
    reason: /\[socket:b\] is gone, and watcher late/,
  })
  assert.deepEqual(
    arbiter.sockets.all.map(({ fd }) => fd),
    before,
  )
  assert.equal((await ask(arbiter, 'a')).pid, arbiter.watcher('a').pids[0])
})

test('nobody needs the socket of a watcher that is just being removed', async () => {
  await using running = await startArbiter(socket('a') + watcher('a', 'graceful_timeout = 1\nstop_signal = SIGURG\n'))
  const { arbiter, events } = running
  await ask(arbiter, 'a')

  const first = reconfigure(running, socket('b') + watcher('b'))
  await events.event('a.kill')
  const second = reconfigure(running, socket('b') + watcher('b'))
  await Promise.all([first, second])

  assert.deepEqual(
    arbiter.sockets.all.map(({ name }) => name),
    ['b'],
  )
})

test('a socket that cannot be bound leaves everything as it was', async () => {
  await using running = await startArbiter(socket('a') + watcher('a'))
  const { arbiter } = running
  const { port } = arbiter.sockets.all[0]!.address as { port: number }
  const [old] = arbiter.watcher('a').pids

  const taken = `[socket:b]\nhost = 127.0.0.1\nport = ${port}\n`
  await assert.rejects(reconfigure(running, socket('a') + taken + watcher('a', 'numprocesses = 2\n')), {
    code: 'ERR_SOCKET_UNAVAILABLE',
  })

  assert.deepEqual(arbiter.watcher('a').pids, [old])
  assert.equal(arbiter.config.sockets.length, 1)
})

test('a unix socket does not become one of another type at the same path', async () => {
  const unix = '[socket:a]\npath = FOLDER/a.sock\nreplace = true\n'
  await using running = await startArbiter(unix + watcher('a'))

  const other = `${unix.replace('FOLDER', running.folder.root)}type = SOCK_SEQPACKET\n`
  await assert.rejects(reconfigure(running, other + watcher('a')), { code: 'ERR_SOCKET_UNAVAILABLE' })

  await ask(running.arbiter, 'a')
})

test('a watcher that waits for a demand waits at the new socket', async () => {
  await using running = await startArbiter(socket('a') + watcher('a', 'on_demand = true\n'))
  const { arbiter, folder } = running

  await reconfigure(running, `[socket:a]\npath = ${folder.path('a.sock')}\n${watcher('a', 'on_demand = true\n')}`)

  assert.equal((await ask(arbiter, 'a')).pid, arbiter.watcher('a').pids[0])
})

test('a removed socket is closed: nobody connects to it any more', async () => {
  await using running = await startArbiter(socket('a'))
  const { port } = running.arbiter.sockets.all[0]!.address as { port: number }

  await reconfigure(running, '[watcher:w]\ncmd = sleep 60\n')

  const connection = connect(port, '127.0.0.1')
  await assert.rejects(once(connection, 'connect'), { code: 'ECONNREFUSED' })
})
