import assert from 'node:assert/strict'
import test from 'node:test'
import { type Action, actionOn, missed, signalTo } from '../../cli/circus-top/actions.ts'
import { type Row, rowsOf } from '../../cli/circus-top/rows.ts'
import { initialView } from '../../cli/circus-top/view.ts'

const having = (...pids: number[]) => ({
  watchers: [{ name: 'web', processes: pids.map((pid) => ({ pid, children: [] })), minute: [] }],
  helpers: [],
  sockets: [],
})
const [web, , second] = rowsOf(having(1, 2), initialView({ sort: 'name', filter: '' })) as [Row, Row, Row]

test('what was to hit processes is given up when others are in their place', () => {
  const all = signalTo(web, 'KILL') as Action
  assert.equal(missed(all, having(1, 2)), undefined)
  assert.equal(missed(all, having(2)), undefined)
  assert.equal(missed(all, having(2, 3)), 'web has other processes now: nothing was done')

  for (const one of [signalTo(second, 'KILL'), actionOn(second, 'restart')] as Action[]) {
    assert.equal(missed(one, having(2, 3)), undefined)
    assert.equal(missed(one, having(1, 3)), 'process 2 of web has ended: nothing was done')
    assert.equal(missed(one, { ...having(), watchers: [] }), 'process 2 of web has ended: nothing was done')
  }
})

test('what is asked of a watcher is done whichever processes it has', () => {
  for (const name of ['start', 'stop', 'restart', 'reload', 'incr', 'decr'] as const) {
    assert.equal(missed(actionOn(web, name) as Action, having(7)), undefined)
  }
})
