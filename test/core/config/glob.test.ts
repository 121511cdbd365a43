import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nearestName, parseGlob } from '../../../core/config/index.ts'

/** As Python's fnmatch answers. */
const cases: readonly (readonly [pattern: string, matching: readonly string[], other: readonly string[]])[] = [
  ['web', ['web'], ['Web', 'web1', 'aweb']],
  ['*', ['', 'a', 'a/b', 'a\nb'], []],
  ['w?b*', ['web', 'wab-2'], ['wb', 'weeb']],
  ['[ab]x', ['ax', 'bx'], ['cx', '[ab]x']],
  ['[!ab]x', ['cx', '!x'], ['ax']],
  ['[a-c1]', ['b', '1'], ['d', '-']],
  ['[]]', [']'], ['[']],
  ['[', ['['], ['']],
  ['[z-a]', [], ['z', 'a']],
  ['a.b+(c)|{d}^$', ['a.b+(c)|{d}^$'], ['aXb+(c)|{d}^$', 'd']],
  ['[^a]', ['^', 'a'], ['b']],
  ['[\\]', ['\\'], ['']],
]

for (const [pattern, matching, other] of cases) {
  test(`the pattern ${pattern}`, () => {
    for (const name of matching) assert.ok(parseGlob(pattern)(name), name)
    for (const name of other) assert.ok(!parseGlob(pattern)(name), name)
  })
}

test('a pattern of many stars is matched, or given up', () => {
  assert.equal(parseGlob(`${'*a'.repeat(20)}*b`)('a'.repeat(200)), false)
  assert.equal(parseGlob(`${'*a'.repeat(20)}*b`)(`${'a'.repeat(200)}b`), true)
  assert.throws(() => parseGlob(`${'*a'.repeat(1_000)}*b`)('a'.repeat(10_000)), { code: 'ERR_PATTERN_TOO_SLOW' })
})

test('a pattern may disregard case', () => assert.ok(parseGlob('WEB*', { ignoreCase: true })('web1')))

test('the nearest name is close enough to be meant, or there is none', () => {
  const known = ['numprocesses', 'priority', 'cmd', 'uid', 'gid']
  assert.equal(nearestName('numproceses', known), 'numprocesses')
  assert.equal(nearestName('pritority', known), 'priority')
  assert.equal(nearestName('CMD', known), 'cmd')
  assert.equal(nearestName('dmc', known), undefined)
  assert.equal(nearestName('x', known), undefined)
  assert.equal(nearestName('numprocesses'.repeat(100_000), known), undefined)
})

test('a pattern so long that reading it would take long is refused; a long name is not', () => {
  assert.throws(() => parseGlob('['.repeat(100_000)), { code: 'ERR_PATTERN_TOO_SLOW' })
  const name = 'n'.repeat(100_000)
  assert.ok(parseGlob(name.toUpperCase(), { ignoreCase: true })(name))
  assert.equal(parseGlob(name)('n'), false)
})
