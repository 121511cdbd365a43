import assert from 'node:assert/strict'
import test from 'node:test'
import { parseCommandLine, reportVariable } from '../../cli/circusd/options.ts'

const read = (line: string, env = {}) => parseCommandLine(line.split(' ').filter(Boolean), env)

test('a file and what beats its settings', () => {
  assert.deepEqual(read('web.ini --pidfile p --log-level DEBUG --log-output log'), {
    id: 'run',
    options: { file: 'web.ini', pidfile: 'p', logLevel: 'debug', logOutput: 'log' },
  })
})

test('--daemon asks for the background once, and its background half runs', () => {
  assert.equal(read('web.ini --daemon').id, 'daemon')
  assert.equal(read('web.ini --daemon', { [reportVariable]: '3' }).id, 'run')
})

test('--check with and without --json', () => {
  assert.deepEqual(read('--check web.ini'), { id: 'check', file: 'web.ini', json: false })
  assert.deepEqual(read('--check --json web.ini'), { id: 'check', file: 'web.ini', json: true })
  assert.deepEqual(read('--check'), { id: 'check', file: undefined, json: false })
})

for (const line of ['a b', '--nonsense', '--log-level loud', '--json', '--check --daemon', '--pidfile']) {
  test(`"${line}" is wrong usage`, () => {
    assert.equal(read(line).id, 'wrong')
  })
}

test('--help and --version win over the rest', () => {
  assert.equal(read('--help web.ini').id, 'help')
  assert.equal(read('--version --daemon').id, 'version')
})
