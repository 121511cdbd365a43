import assert from 'node:assert/strict'
import test from 'node:test'
import { Board } from '../../cli/circus-top/board.ts'
import { readMessage } from '../../cli/circus-top/message.ts'

/** A board that hears messages at milliseconds. */
function hearing(board: Board) {
  return (at: number, topic: string, payload: Record<string, unknown>) => {
    const told = readMessage({ topic, payload })
    if (told) board.take(told, at)
    return told
  }
}

const web = (pid: number, fields = {}) => ({ pid, subtopic: pid, name: null, cpu: 10, mem_info1: '1.50M', ...fields })
const only = (board: Board) => {
  const { watchers } = board.snapshot()
  assert.equal(watchers.length, 1)
  return watchers[0]!
}

test('messages about processes become watchers with processes', () => {
  const board = new Board(3_000)
  const hear = hearing(board)

  hear(0, 'stat.my.app.7', web(7))
  hear(0, 'stat.my.app.8', web(8, { cpu: 'N/A', fds: 3 }))

  const { name, processes } = only(board)
  assert.equal(name, 'my.app')
  assert.deepEqual(
    processes.map(({ pid, cpu, fds, memoryBytes }) => [pid, cpu, fds, memoryBytes]),
    [
      [7, 10, undefined, 1_572_864],
      [8, undefined, 3, 1_572_864],
    ],
  )
})

test('the daemon and its helpers are no watcher, and a watcher called sockets is none of theirs', () => {
  const board = new Board(3_000)
  const hear = hearing(board)

  hear(0, 'stat.circus.1', web(1, { name: 'circusd' }))
  hear(0, 'stat.sockets.5', { fd: 5, subtopic: 5, reads: 2, address: ':80' })
  hear(0, 'stat.sockets.6', web(6))

  const { helpers, sockets } = board.snapshot()
  assert.deepEqual(
    helpers.map(({ pid, role }) => [pid, role]),
    [[1, 'circusd']],
  )
  assert.deepEqual(
    sockets.map(({ fd, hits, address }) => [fd, hits, address]),
    [[5, 2, ':80']],
  )
  assert.equal(only(board).name, 'sockets')
})

test('a helper of the daemon that is one of its watchers is a process of that', () => {
  const board = new Board(3_000)
  const hear = hearing(board)
  hear(0, 'stat.circus.2', web(2, { name: 'circusd-stats' }))
  const pids = () => board.snapshot().watchers.map(({ name, processes }) => [name, ...processes.map(({ pid }) => pid)])
  assert.deepEqual(pids(), [])

  board.takeStatuses({ 'plugin:stats': 'active' })
  hear(1_000, 'stat.circus.1', web(1, { name: 'circusd' }))
  hear(1_000, 'stat.circus.2', web(2, { name: 'circusd-stats' }))
  hear(1_000, 'stat.circus', { pid: [1, 2] })
  assert.deepEqual(pids(), [['plugin:stats', 2]])
  assert.deepEqual(
    board.snapshot().helpers.map(({ pid }) => pid),
    [1],
  )

  hear(2_000, 'stat.circus', { pid: [1] })
  assert.deepEqual(pids(), [['plugin:stats']])
})

test('what is no message of statistics is passed over', () => {
  for (const [topic, payload] of [
    ['watcher.web.reap', { process_pid: 1 }],
    ['stat.web.7', { subtopic: 8, pid: 8 }],
    ['stat.web', {}],
    ['stat.web.7', { subtopic: 7 }],
    ['stat.sockets', { addresses: [], reads: 0 }],
  ] as const) {
    assert.equal(readMessage({ topic, payload }), undefined)
  }
})

test("a watcher's message ends those of its processes that it does not name", () => {
  const board = new Board(3_000)
  const hear = hearing(board)
  hear(0, 'stat.web.7', web(7))
  hear(0, 'stat.web.8', web(8))

  hear(0, 'stat.web', { pid: [8], restarts: 4 })

  const { processes, restarts } = only(board)
  assert.deepEqual([processes.map(({ pid }) => pid), restarts], [[8], 4])
})

test('a process of which nothing is heard is left out after the timeout, and not before', () => {
  const board = new Board(3_000)
  const hear = hearing(board)
  hear(0, 'stat.web.7', web(7))

  board.expire(3_000)
  assert.equal(only(board).processes.length, 1)
  board.expire(3_001)
  assert.equal(only(board).processes.length, 0)
})

test('a channel that speaks every ten seconds is given the time', () => {
  const board = new Board(3_000)
  const hear = hearing(board)
  for (const at of [0, 10_000]) hear(at, 'stat.web.7', web(7))

  board.expire(20_000)

  assert.equal(only(board).processes.length, 1)
})

test('bytes read become a rate, but not across a pid that is another process by now', () => {
  const board = new Board(3_000)
  const hear = hearing(board)
  hear(0, 'stat.web.7', web(7, { create_time: 1, read_bytes: 1_000 }))
  hear(2_000, 'stat.web.7', web(7, { create_time: 1, read_bytes: 5_000 }))
  assert.equal(only(board).processes[0]?.readRate, 2_000)

  hear(3_000, 'stat.web.7', web(7, { create_time: 2, read_bytes: 9_000 }))
  assert.equal(only(board).processes[0]?.readRate, undefined)
})

test('states give a watcher its real name, and take away those that are gone', () => {
  const board = new Board(3_000)
  const hear = hearing(board)
  hear(0, 'stat.my_app.7', web(7))

  board.takeStatuses({ 'my app': 'active', old: 'stopped' })
  assert.deepEqual(
    board.snapshot().watchers.map(({ name, status }) => [name, status]),
    [
      ['my app', 'active'],
      ['old', 'stopped'],
    ],
  )
  board.takeStatuses({ 'my app': 'active' })
  assert.equal(only(board).name, 'my app')
})

test('the minute is sixty figures at most: the processor time of all processes, second by second', () => {
  const board = new Board(3_000)
  const hear = hearing(board)
  hear(0, 'stat.web.7', web(7))
  hear(0, 'stat.web.8', web(8))

  for (let second = 0; second < 70; second++) board.sample()
  board.sample(true)

  const { minute } = only(board)
  assert.deepEqual([minute.length, minute.at(-2), minute.at(-1)], [60, 20, undefined])
})

test('what the daemon remembers of the last minute fills it', () => {
  const board = new Board(3_000)
  board.takeStatuses({ 'my app': 'active' })
  board.takeMinutes({ my_app: { cpu: [null, 3, 4] }, other: { cpu: [1] } })
  assert.deepEqual(only(board).minute, [undefined, 3, 4])
})

test('the hits of sockets are kept beside what listsockets tells, while somebody tells them', () => {
  const board = new Board(3_000)
  const hear = hearing(board)
  hear(0, 'stat.sockets.5', { fd: 5, subtopic: 5, reads: 2, address: ':80', queue: 1, queue_limit: 9 })

  board.takeSockets([{ fd: 5, name: 'http', watchers: ['web'] }], true)
  assert.deepEqual([board.snapshot().sockets[0]?.hits, board.snapshot().sockets[0]?.name], [2, 'http'])
  hear(1, 'stat.sockets.5', { fd: 5, subtopic: 5, reads: 3, queue: 4, queue_limit: 9 })
  assert.deepEqual(board.snapshot().sockets[0]?.watchers, ['web'])
  board.takeSockets([{ fd: 5, name: 'http' }], false)
  assert.equal(board.snapshot().sockets[0]?.hits, undefined)
})
