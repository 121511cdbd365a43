import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeFailure } from '../../../core/channel/reply.ts'
import { decodeRequest, maxRequestBytes } from '../../../core/channel/request.ts'
import { KernelError } from '../../../core/errors.ts'

const decode = (value: unknown) =>
  decodeRequest(Buffer.isBuffer(value) ? value : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)))

const errnoOf = (value: unknown) => {
  const decoded = decode(value)
  return 'error' in decoded ? decoded.error.errno : undefined
}

test('a request is read', () => {
  assert.deepEqual(decode({ id: 'a', command: 'LIST', properties: { name: 'x' } }), {
    id: 'a',
    command: 'LIST',
    properties: { name: 'x' },
    cast: false,
  })
})

test('the properties and the id may be missing', () => {
  assert.deepEqual(decode({ command: 'list' }), { id: null, command: 'list', properties: {}, cast: false })
  assert.deepEqual(decode({ command: 'list', properties: null }), decode({ command: 'list' }))
})

test('any JSON is an id', () => {
  for (const id of [0, 1.5, '', 'é\u{1f600}', true, false, null, [1, [2]], { a: { b: null } }])
    assert.deepEqual((decode({ id, command: 'x' }) as { id: unknown }).id, id)
})

test('only the word cast makes a cast', () => {
  assert.equal(decode({ command: 'x', msg_type: 'cast' }).cast, true)
  for (const type of ['call', 'CAST', 1, null, true]) assert.equal(decode({ command: 'x', msg_type: type }).cast, false)
})

test('what is not a JSON object is invalid JSON', () => {
  for (const text of [
    '',
    ' ',
    'quit',
    '{',
    '{"a":1}x',
    '[]',
    '[{"command":"list"}]',
    'null',
    '1',
    '"list"',
    'true',
    '{a:1}',
  ])
    assert.equal(errnoOf(text), 1, text)
  assert.equal(errnoOf(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])), 1)
  assert.equal(errnoOf(Buffer.from([0xed, 0xa0, 0x80])), 1)
})

test('a request without a command word asks for an unknown command', () => {
  for (const command of [42, null, true, ['list'], { a: 1 }]) assert.equal(errnoOf({ id: 1, command }), 2)
  assert.equal(errnoOf({}), 2)
  assert.equal((decode({ id: 7, command: 42 }) as { id: unknown }).id, 7)
})

test('properties that are no object are a message error', () => {
  for (const properties of [[], ['a'], 1, 0, 'x', '', true, false])
    assert.equal(errnoOf({ command: 'x', properties }), 3)
})

test('a refused cast is still a cast', () => {
  assert.equal(decode({ command: 42, msg_type: 'cast' }).cast, true)
  assert.equal(decode({ command: 'x', properties: [], msg_type: 'cast' }).cast, true)
})

test('nesting without end is refused, whether it is well formed or not', () => {
  const deep = (n: number) => `{"command":"x","properties":{"a":${'['.repeat(n)}${']'.repeat(n)}}}`
  assert.equal(errnoOf(deep(20)), undefined)
  assert.equal(errnoOf(deep(70)), 1)
  assert.equal(errnoOf(deep(100_000)), 1)
  assert.equal(errnoOf('['.repeat(100_000)), 1)
  assert.equal(errnoOf('{"a":'.repeat(100_000)), 1)
  assert.equal(errnoOf(`{"command":"x","id":${'['.repeat(100_000)}${']'.repeat(100_000)}}`), 1)
})

test('a __proto__ key is refused however it is spelled; the word elsewhere is not', () => {
  for (const key of ['__proto__', '\\u005f_proto__', '__pro\\u0074o__', '\\u005F\\u005Fproto__']) {
    assert.equal(errnoOf(`{"command":"x","properties":{"options":{"${key}":{"uid":0}}}}`), 1, key)
    assert.equal(errnoOf(`{"command":"x","${key}":{}}`), 1, key)
  }
  assert.equal(errnoOf({ command: '__proto__', properties: { name: '__proto__' } }), undefined)
  assert.equal(({} as Record<string, unknown>).uid, undefined)
})

test('a frame past the limit is refused unread', () => {
  const padded = (length: number) => `{"command":"x"${' '.repeat(length - 15)}}`
  assert.equal(errnoOf(padded(maxRequestBytes)), undefined)
  assert.equal(errnoOf(padded(maxRequestBytes + 1)), 1)
})

test('an id too long to be kept for a client that does not read is refused, and not echoed', () => {
  for (const id of ['x'.repeat(20_000), Array(10_000).fill(0)]) {
    const refusal = decodeRequest(Buffer.from(JSON.stringify({ id, command: 'list' })))
    assert.ok('error' in refusal)
    assert.deepEqual([refusal.id, refusal.error.errno], [null, 1])
  }
  assert.equal(errnoOf({ id: 'x'.repeat(9_000), command: 'list', properties: { name: 'y'.repeat(20_000) } }), undefined)
})

test('an error reply does not echo megabytes', () => {
  const text = encodeFailure(1, new KernelError('ERR_COMMAND_UNKNOWN', ['x'.repeat(1_000_000)]))
  assert.ok(text.length < 11_000, `${text.length} characters`)
})
