import assert from 'node:assert/strict'
import test from 'node:test'
import { parsePluginLine } from '../../cli/circus-plugin/options.ts'

test('a plugin with its endpoints and options', () => {
  const argv = ['flapping', '--endpoint', 'ipc://e', '--pubsub', 'ipc://p', '--option', 'a=1', '--option', 'b=x=y']

  assert.deepEqual(parsePluginLine(argv), {
    id: 'run',
    options: {
      name: 'flapping',
      endpoint: 'ipc://e',
      pubsub: 'ipc://p',
      key: undefined,
      config: undefined,
      options: { a: '1', b: 'x=y' },
    },
  })
})

for (const argv of [[], ['a', 'b'], ['a', '--option', 'novalue'], ['a', '--nonsense']]) {
  test(`${JSON.stringify(argv)} is wrong usage`, () => {
    assert.equal(parsePluginLine(argv).id, 'wrong')
  })
}
