import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { errorCodes, KernelError } from '../../core/index.ts'

test('every code has its row in the documentation, with its number on the wire', () => {
  const text = readFileSync(new URL('../../core/README.md', import.meta.url), 'utf8')
  const rows = [...text.matchAll(/^\| `(ERR_\w+)` *\| (\d) /gm)].map(([, code, errno]) => `${code} ${errno}`)
  assert.deepEqual(rows.sort(), errorCodes.map(({ code, errno }) => `${code} ${errno}`).sort())
})

test('a message survives values that JSON cannot show', () => {
  const circular: { self?: unknown } = {}
  circular.self = circular
  for (const value of [1n, circular, undefined]) {
    assert.match(
      new KernelError('ERR_OPTION_INVALID', ['x', 'a number', value]).message,
      /^option 'x' must be a number/,
    )
  }
})
