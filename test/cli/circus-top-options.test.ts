import assert from 'node:assert/strict'
import test from 'node:test'
import { parseTopLine, usage } from '../../cli/circus-top/options.ts'

test('without flags it looks at the usual endpoint, by name, for as long as the user likes', () => {
  const line = parseTopLine([])

  assert.equal(line.id, 'run')
  const { options } = line as Extract<typeof line, { id: 'run' }>
  assert.deepEqual(
    [options.sort, options.filter, options.once, options.processTimeoutMs],
    ['name', '', undefined, 3_000],
  )
  assert.equal(options.address.timeoutMs, undefined)
})

test('every flag is read', () => {
  const line = parseTopLine([
    ...[
      '--endpoint',
      'tcp://a:1',
      '--stats-endpoint',
      'tcp://a:2',
      '--ssh',
      'me@a',
      '--ssh_keyfile',
      'id',
      '--key',
      'k',
    ],
    ...['--timeout', '1.5', '--process-timeout', '99999999', '--sort', 'memory', '--filter', 'web', '--once'],
  ])

  assert.deepEqual(line, {
    id: 'run',
    options: {
      address: { endpoint: 'tcp://a:1', timeoutMs: 1_500, ssh: 'me@a', sshKeyfile: 'id', key: 'k' },
      statsEndpoint: 'tcp://a:2',
      processTimeoutMs: 2 ** 31 - 1, // a timer takes no more
      sort: 'memory',
      filter: 'web',
      once: 'table',
    },
  })
})

for (const [argv, reason] of [
  [['--sort', 'size'], /--sort takes name, cpu.*'size'/],
  [['--timeout', 'soon'], /--timeout takes seconds, not 'soon'/],
  [['--process-timeout', '0'], /--process-timeout takes seconds, not '0'/],
  [['--interval', '3'], /there is no flag --interval$/],
  [['web'], /flags only, not 'web'/],
  [['--endpoint'], /--endpoint.*missing/],
] as const) {
  test(`${argv.join(' ')} is answered with what is wrong`, () => {
    const line = parseTopLine([...argv])

    assert.equal(line.id, 'wrong')
    assert.match((line as Extract<typeof line, { id: 'wrong' }>).reason, reason)
  })
}

test('the help names every flag and what --sort takes', () => {
  for (const flag of [
    'endpoint',
    'stats-endpoint',
    'ssh',
    'key',
    'timeout',
    'process-timeout',
    'sort',
    'filter',
    'once',
    'json',
  ]) {
    assert.match(usage, new RegExp(`--${flag}\\b`))
  }
  assert.match(usage, /name, cpu, memory, age, restarts, fds, threads \(name\)/)
})
