import assert from 'node:assert/strict'
import test from 'node:test'
import type { ProcessReading, Snapshot, WatcherReading } from '../../cli/circus-top/board.ts'
import { type Arrangement, rowsOf } from '../../cli/circus-top/rows.ts'

const process = (pid: number, fields: Partial<ProcessReading> = {}): ProcessReading => ({
  pid,
  children: [],
  ...fields,
})
const watcher = (name: string, processes: ProcessReading[], fields: Partial<WatcherReading> = {}): WatcherReading => ({
  name,
  processes,
  minute: [],
  status: 'active',
  ...fields,
})
const plain: Arrangement = { sort: 'name', reversed: false, filter: '', tree: false, folded: new Set() }
const snapshot = (watchers: WatcherReading[], rest: Partial<Snapshot> = {}): Snapshot => ({
  watchers,
  helpers: [],
  sockets: [],
  ...rest,
})
const labels = (shown: Snapshot, arrangement: Partial<Arrangement> = {}) =>
  rowsOf(shown, { ...plain, ...arrangement }).map(({ label, depth }) => `${' '.repeat(depth)}${label}`)

const two = snapshot([
  watcher('web', [
    process(12, { cpu: 1, memoryBytes: 9, age: 5, wid: 2, command: 'node', user: 'www' }),
    process(11, { cpu: 7, memoryBytes: 3, wid: 1, command: 'node' }),
  ]),
  watcher('db', [process(20, { cpu: 4, memoryBytes: 5, command: 'postgres' })], { restarts: 3 }),
])

test('watchers are sorted by name, their processes by their place', () => {
  assert.deepEqual(labels(two), ['db (1)', ' 20 postgres', 'web (2)', ' 11 node', ' 12 node'])
})

test('numbers are sorted from the highest down, of watchers by the sum; reversed the other way', () => {
  assert.deepEqual(labels(two, { sort: 'cpu' }), ['web (2)', ' 11 node', ' 12 node', 'db (1)', ' 20 postgres'])
  assert.deepEqual(labels(two, { sort: 'cpu', reversed: true })[0], 'db (1)')
  assert.deepEqual(labels(two, { sort: 'memory' }).slice(0, 2), ['web (2)', ' 12 node'])
  assert.deepEqual(labels(two, { sort: 'restarts' })[0], 'db (1)')
})

test('what is not known comes last either way', () => {
  for (const reversed of [false, true]) {
    assert.deepEqual(labels(two, { sort: 'age', reversed }), [
      'web (2)',
      ' 12 node',
      ' 11 node',
      'db (1)',
      ' 20 postgres',
    ])
  }
})

test('a watcher adds up what its processes use, and is as old as the oldest', () => {
  const [, , web] = rowsOf(two, plain)
  const { cpu, memoryBytes, age, restarts } = web!.figures
  assert.deepEqual([cpu, memoryBytes, age, restarts], [8, 12, 5, undefined])
})

test('restarts of a watcher are those told of it, else those of its processes', () => {
  const told = rowsOf(snapshot([watcher('a', [process(1, { restarts: 2 }), process(2, { restarts: 3 })])]), plain)
  assert.equal(told[0]?.figures.restarts, 5)
  assert.equal(rowsOf(two, plain)[0]?.figures.restarts, 3)
})

test('a watcher that has not all its processes shows how many it should have', () => {
  assert.deepEqual(labels(snapshot([watcher('a', [process(1)], { wanted: 4 })]))[0], 'a (1/4)')
  assert.deepEqual(labels(snapshot([watcher('a', [process(1)], { wanted: 1 })]))[0], 'a (1)')
  assert.deepEqual(labels(snapshot([watcher('a', [], { wanted: 4, status: 'stopped' })]))[0], 'a (0)')
})

test('before processes were told of, none are counted, and none named as hit', () => {
  const [row] = rowsOf({ ...snapshot([watcher('a', [])]), isPartial: true }, plain)
  assert.deepEqual([row?.label, row?.target?.pids], ['a', undefined])
})

test('why a watcher is stopped stands below it', () => {
  const rows = rowsOf(snapshot([watcher('a', [], { reason: 'no such file', status: 'stopped' })]), plain)
  assert.deepEqual(
    rows.map(({ kind, label }) => [kind, label]),
    [
      ['watcher', 'a (0)'],
      ['note', 'no such file'],
    ],
  )
})

test('a filter keeps watchers by their name with all processes, and processes with their watcher', () => {
  assert.deepEqual(labels(two, { filter: 'WEB' }), ['web (2)', ' 11 node', ' 12 node'])
  assert.deepEqual(labels(two, { filter: 'www' }), ['web (2)', ' 12 node'])
  assert.deepEqual(labels(two, { filter: '20' }), ['db (1)', ' 20 postgres'])
  assert.deepEqual(labels(two, { filter: 'nothing' }), [])
})

test('the rows of a folded watcher are not shown', () => {
  assert.deepEqual(labels(two, { folded: new Set(['watcher db']) }), ['db (1)', 'web (2)', ' 11 node', ' 12 node'])
})

test('the tree has children and theirs, each below its parent; only children can be signalled', () => {
  const grandchild = { pid: 5, children: [] }
  const family = snapshot([watcher('a', [process(1, { children: [{ pid: 3, children: [grandchild] }] })])])

  assert.deepEqual(labels(family), ['a (1)', ' 1'])
  assert.deepEqual(labels(family, { tree: true }), ['a (1)', ' 1', '  3', '   5'])
  assert.deepEqual(labels(family, { tree: true, folded: new Set(['watcher a 1']) }), ['a (1)', ' 1'])
  const rows = rowsOf(family, { ...plain, tree: true })
  assert.deepEqual(
    rows.map(({ target }) => target && [target.pid, target.childPid]),
    [[undefined, undefined], [1, undefined], [1, 3], undefined],
  )
})

test('the daemon and its helpers follow, then the sockets below a heading', () => {
  const all = snapshot([], {
    helpers: [process(1, { role: 'circusd' })],
    sockets: [{ fd: 3, name: 'http', address: ':80' }, { fd: 4 }],
  })
  assert.deepEqual(
    rowsOf(all, plain).map(({ kind, label }) => `${kind} ${label}`.trim()),
    ['helper circusd 1', 'gap', 'sockets', 'socket http', 'socket fd 4'],
  )
  assert.deepEqual(labels(all, { filter: 'circusd' }), ['circusd 1'])
})
