import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertSecure, isLoopback, parseEndpoint } from '../../../core/channel/endpoint.ts'

test('an endpoint is taken apart', () => {
  const parts = (text: string) => {
    const { text: written, ...rest } = parseEndpoint('endpoint', text)
    assert.equal(written, text)
    return rest
  }
  assert.deepEqual(parts('tcp://127.0.0.1:5555'), { transport: 'tcp', host: '127.0.0.1', port: 5555 })
  assert.deepEqual(parts('tcp://localhost:*'), { transport: 'tcp', host: 'localhost', port: '*' })
  assert.deepEqual(parts('tcp://*:0'), { transport: 'tcp', host: '*', port: '*' })
  assert.deepEqual(parts('tcp://[::1]:5555'), { transport: 'tcp', host: '::1', port: 5555 })
  assert.deepEqual(parts('ipc:///run/circus.sock'), { transport: 'ipc', path: '/run/circus.sock' })
  assert.deepEqual(parts('ipc://relative path'), { transport: 'ipc', path: 'relative path' })
  assert.deepEqual(parts('ipc://@abstract'), { transport: 'ipc', path: '@abstract' })
  assert.deepEqual(parts('inproc://a'), { transport: 'inproc', name: 'a' })
})

const nonsense = [
  '',
  '5555',
  '127.0.0.1:5555',
  'http://127.0.0.1:5555',
  'tcp:/127.0.0.1:5555',
  'tcp://',
  'TCP://127.0.0.1:5555',
  'tcp://127.0.0.1',
  'tcp://:5555',
  'tcp://127.0.0.1:',
  'tcp://127.0.0.1:65536',
  'tcp://127.0.0.1:-1',
  'tcp://127.0.0.1:55a',
  'tcp://127.0.0.1:5555/x',
  'tcp://[::1]',
  'tcp://[localhost]:1',
  'tcp://a b:1',
  'tcp://a;b:1',
  'ipc://',
  'ipc://*',
  'ipc://a\0b',
  `ipc:///${'x'.repeat(107)}`,
  'inproc://',
]

for (const text of nonsense)
  test(`${JSON.stringify(text.slice(0, 40))} is no endpoint`, () => {
    assert.throws(() => parseEndpoint('stats_endpoint', text), {
      code: 'ERR_ENDPOINT_INVALID',
      message: /stats_endpoint/,
    })
  })

test('a path as long as a socket can have is taken', () => {
  parseEndpoint('endpoint', `ipc:///${'x'.repeat(process.platform === 'darwin' ? 102 : 106)}`)
})

test('only loopback hosts count as such', () => {
  for (const host of [
    'localhost',
    'LOCALHOST',
    '127.0.0.1',
    '127.8.9.10',
    '::1',
    '0:0:0:0:0:0:0:1',
    '::ffff:127.0.0.1',
  ])
    assert.ok(isLoopback(host), host)
  for (const host of [
    '*',
    '0.0.0.0',
    '::',
    '10.0.0.1',
    '128.0.0.1',
    'example.org',
    'localhost.example.org',
    '127.1',
    'lo',
  ])
    assert.ok(!isLoopback(host), host)
})

test('an endpoint that others could reach is refused unless it is allowed', () => {
  for (const text of ['tcp://0.0.0.0:5555', 'tcp://*:5555', 'tcp://[::]:5555', 'tcp://example.org:5555']) {
    assert.throws(() => assertSecure('endpoint', text, false), { code: 'ERR_ENDPOINT_INSECURE' })
    assertSecure('endpoint', text, true)
  }
  for (const text of ['tcp://127.0.0.1:5555', 'tcp://localhost:*', 'tcp://[::1]:1', 'ipc:///run/x', 'inproc://x'])
    assertSecure('endpoint', text, false)
})
