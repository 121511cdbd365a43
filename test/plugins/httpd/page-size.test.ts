import assert from 'node:assert/strict'
import { globSync, statSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'

const built = join(import.meta.dirname, '../../../dist/page')

test('the JavaScript of the page has less than 120 KB, compressed', () => {
  const files = globSync('**/*.js.gz', { cwd: built })
  assert.notEqual(files.length, 0, 'the page is not built: npm run build:page')
  const total = files.reduce((sum, file) => sum + statSync(join(built, file)).size, 0)
  assert.ok(total < 120 * 1024, `${total} bytes`)
})
