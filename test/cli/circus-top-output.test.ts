import assert from 'node:assert/strict'
import test from 'node:test'
import { Router } from 'zeromq'
import { askOutput, drawOutput } from '../../cli/circus-top/output.ts'
import type { Row } from '../../cli/circus-top/rows.ts'
import { Daemon } from '../../cli/circusctl/daemon.ts'
import { Folder } from '../e2e/support/folder.ts'

const row: Row = {
  id: '',
  kind: 'process',
  depth: 1,
  label: '7 node',
  figures: {},
  target: { watcher: 'web', pids: [7, 8], pid: 7 },
}
const terminal = { columns: 40, paint: (_: unknown, text: string) => text }

/** Ask for output where every request gets the same answer. Resolves to what is shown, and what was asked. */
async function asked(answer: object) {
  using folder = new Folder()
  const router = new Router({ linger: 0 })
  try {
    const endpoint = `ipc://${folder.at('control')}`
    await router.bind(endpoint)
    await using daemon = new Daemon({ endpoint, timeoutMs: 10_000 })
    const output = askOutput(daemon, row, 20)
    const [identity, frame] = await router.receive()
    const { id, command, properties } = JSON.parse(String(frame))
    await router.send([identity!, JSON.stringify({ status: 'ok', ...answer, id, time: 0 })])
    return { lines: drawOutput(await output, row, terminal, 3), command, properties }
  } finally {
    router.close()
  }
}

test('the last lines of a process are asked for, and the newest that fit are shown, one line each', async () => {
  const line = (text: string) => ({ watcher: 'web', wid: 1, pid: 7, stream: 'stdout', time: 0, line: text })
  const answer = { lines: [line('old'), line('a\x1b[31mb\tc\x1b[2J'), line('x'.repeat(50))] }

  const { lines, command, properties } = await asked(answer)

  assert.deepEqual([command, properties], ['tail', { name: 'web', match: 'simple', pid: 7, lines: 20 }])
  assert.equal(lines[0], 'Output of 7 node')
  assert.match(lines[1] ?? '', /^\d\d:\d\d:\d\d {7}7 {2}ab {6}c\\x1b\[2J$/)
  assert.match(lines[2] ?? '', /^\d\d:\d\d:\d\d {7}7 {2}x{21}…$/)
  assert.equal(lines.length, 3)
})

test('processes that wrote nothing, and daemons that keep nothing, are told apart', async () => {
  assert.deepEqual((await asked({ lines: [] })).lines[1], '  nothing so far')
  const unknown = { status: 'error', reason: "unknown command: 'tail'", errno: 2 }
  assert.deepEqual((await asked(unknown)).lines[1], '  this daemon keeps no output')
  const refused = { status: 'error', reason: 'not for you', errno: 5 }
  assert.deepEqual((await asked(refused)).lines[1], '  not for you')
})
