import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseStatsLine } from '../../cli/circusd-stats/options.ts'

const none = {
  endpoint: undefined,
  pubsub: undefined,
  statspoint: undefined,
  interval: undefined,
  key: undefined,
  logLevel: undefined,
  logOutput: undefined,
}

test("the original's options are taken", () => {
  assert.deepEqual(parseStatsLine([]), { id: 'run', options: none })
  const line = '--endpoint tcp://h:1 --pubsub tcp://h:2 --statspoint tcp://h:3 --log-level INFO --log-output out.log'
  assert.deepEqual(parseStatsLine(line.split(' ')), {
    id: 'run',
    options: {
      ...none,
      endpoint: 'tcp://h:1',
      pubsub: 'tcp://h:2',
      statspoint: 'tcp://h:3',
      logLevel: 'info',
      logOutput: 'out.log',
    },
  })
  assert.equal(parseStatsLine(['--version']).id, 'version')
  assert.equal(parseStatsLine(['-h']).id, 'help')
})

test('what it cannot do is refused in words', () => {
  for (const [argv, reason] of [
    [['--ssh', 'example.org'], /Run it there: ssh HOST circusd-stats/],
    [['--log-level', 'loud'], /debug, info/],
    [['--no-such-option'], /no-such-option/],
    [['web'], /web/],
  ] as const) {
    const line = parseStatsLine([...argv])
    assert.equal(line.id, 'wrong')
    assert.match(Object(line).reason, reason)
  }
})
