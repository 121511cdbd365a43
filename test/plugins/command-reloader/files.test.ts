import assert from 'node:assert/strict'
import { test } from 'node:test'
import { filesOf } from '../../../plugins/command-reloader/files.ts'

test('what a shell does itself is no file that is waited for; a program that is not there is', async () => {
  const lines = [['exit', '3'], ['cd', 'sub'], ['nobody-has-this'], ['./exit']]
  const files = await filesOf({ lines, path: ['/nowhere'], folder: '/nowhere' })
  assert.deepEqual(
    files.map(({ path, isOptional }) => [path, isOptional]),
    [
      ['/nowhere/exit', true],
      ['/nowhere/cd', true],
      ['/nowhere/nobody-has-this', false],
      ['/nowhere/exit', false],
    ],
  )
})
