import assert from 'node:assert/strict'
import { chmodSync, readFileSync, statSync } from 'node:fs'
import { test } from 'node:test'
import { History, historyFile, historySize, isKept } from '../../cli/circusctl/console/history.ts'
import { temporaryFolder } from '../harness/index.ts'

test('the history lies in the state folder', () => {
  assert.equal(historyFile({ XDG_STATE_HOME: '/state' }), '/state/circusctl/history')
  assert.match(historyFile({}), /\/\.local\/state\/circusctl\/history$/)
})

test('lines are kept for the next console, the newest first, one line once in a row, in a file of its user alone', () => {
  using folder = temporaryFolder()
  const file = folder.path('state/history')
  const history = new History(file)

  for (const line of ['status', 'list web', 'list web', 'status']) history.add(line)

  assert.deepEqual(new History(file).lines, ['status', 'list web', 'status'])
  assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.equal(statSync(folder.path('state')).mode & 0o777, 0o700)
})

test('a file that has grown is cut, and one that others can read is closed to them', () => {
  using folder = temporaryFolder()
  const lines = Array.from({ length: historySize + 10 }, (_, at) => `list w${at}`)
  folder.write('history', `${lines.join('\n')}\n`)
  chmodSync(folder.path('history'), 0o644)

  const history = new History(folder.path('history'))

  assert.equal(history.lines.length, historySize)
  assert.equal(history.lines[0], `list w${historySize + 9}`)
  assert.equal(readFileSync(folder.path('history'), 'utf8').split('\n').length, historySize + 1)
  assert.equal(statSync(folder.path('history')).mode & 0o777, 0o600)
})

test('a place that cannot be written is done without', () => {
  using folder = temporaryFolder({ state: 'a file' })

  new History(folder.path('state/history')).add('status')

  assert.deepEqual(new History(folder.path('state/history')).lines, [])
})

test('what sets the environment or looks secret is not kept', () => {
  for (const line of [
    'set web env A=1,B=2',
    'set web hooks.x y max_age 3 env.TOKEN abc',
    'set web api_key abc',
    'add web server --password hunter2',
    'add web server --token=abc',
    'add web env DB_PASSWORD=x server',
    'add web curl http://joe:secret@host/',
    'add web "curl http://joe:pw@host/"',
    ' status',
    '',
  ]) {
    assert.equal(isKept(line), false, line)
  }
  for (const line of ['status', 'set web numprocesses 3', 'restart token-server --waiting', 'get web env', 'listen']) {
    assert.equal(isKept(line), true, line)
  }
})
