import assert from 'node:assert/strict'
import test from 'node:test'
import { commandLoaders } from '../../cli/circusctl/commands/index.ts'
import { formatJson, formatOptions } from '../../cli/circusctl/format.ts'

async function shown(name: string, reply: object): Promise<string> {
  return (await commandLoaders[name]!()).print!({ status: 'ok', ...reply })
}

const info = {
  pid: 7,
  cmdline: 'node',
  username: 'web',
  nice: 0,
  mem_info1: '1.47M',
  mem_info2: '2.00G',
  cpu: 0,
  mem: 0.125,
  ctime: '0:00.41',
  children: [],
}
const line = '7  node web 0 1.47M 2.00G 0.0 0.125 0:00.41'

test('JSON is written as Python writes it', () => {
  const value = { b: [1, 'ä\u{1f600}', null], a: {}, gone: undefined }

  assert.equal(formatJson(value), '{"b": [1, "\\u00e4\\ud83d\\ude00", null], "a": {}}')
  assert.equal(
    formatJson(value, true),
    '{\n  "a": {},\n  "b": [\n    1,\n    "\\u00e4\\ud83d\\ude00",\n    null\n  ]\n}',
  )
})

test('options are written as Python writes them', () => {
  const options = {
    graceful_timeout: 10,
    check_delay: 5,
    numprocesses: 2,
    hooks: { before_start: ['a.b', true] },
    rlimits: { nofile: 3 },
    uid: null,
    args: ["it's", 'a "b"', '\'"\\'],
    env: { B: '2', A1: '3', A: '1' },
  }

  assert.equal(
    formatOptions(options),
    [
      'graceful_timeout: 10.0',
      'check_delay: 5.0',
      'numprocesses: 2',
      "hooks: {'before_start': ['a.b', True]}",
      "rlimits: {'nofile': 3}",
      'uid: ',
      `args: ["it's", 'a "b"', '\\'"\\\\']`,
      'env: A=1,A1=3,B=2',
    ].join('\n'),
  )
})

test('status goes by the names of the watchers, as the original', async () => {
  const statuses = { 'web-1': 'active', web: 'stopped', 'web 2': 'active' }

  assert.equal(await shown('status', { statuses }), 'web: stopped\nweb 2: active\nweb-1: active')
})

test('stats has a line for each process and child, as the original', async () => {
  const parent = { ...info, children: [{ ...info, pid: 8, cpu: 1.5 }] }
  const child = '   8  node web 0 1.47M 2.00G 1.5 0.125 0:00.41'
  const gone = 'No such process (stopped?)'

  assert.equal(
    await shown('stats', { infos: { web: { 7: parent }, idle: {}, db: { 9: gone } } }),
    `web:\n7: ${line}\n${child}\nidle:\ndb:\n9: ${gone}`,
  )
  assert.equal(await shown('stats', { name: 'web', info: { 7: info } }), `web:\n7: ${line}`)
  assert.equal(await shown('stats', { process: 7, info }), `7: ${line}\n`)
})

test('dstats has the daemon, and its helpers below', async () => {
  assert.equal(await shown('dstats', { info }), `Main Process:\n    ${line}`)
  assert.equal(
    await shown('dstats', { info: { ...info, children: [info] } }),
    `Main Process:\n    ${line}\nChildren:\n    ${line}`,
  )
})

test('listsockets, and the size of a singleton, are told as by the original', async () => {
  const sockets = [
    { fd: 3, name: 'web', backlog: 2048, host: 'localhost', port: 8080 },
    { fd: 4, name: 'sock', backlog: 2048, path: '/run/sock' },
  ]

  assert.equal(
    await shown('listsockets', { sockets }),
    "3:socket 'web' at localhost:8080\n4:socket 'sock' at /run/sock",
  )
  assert.equal(
    await shown('incr', { numprocesses: 1, singleton: true }),
    'This watcher is a Singleton - not changing the number of processes',
  )
})
