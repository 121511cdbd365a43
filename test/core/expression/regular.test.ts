import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseRegular } from '../../../core/expression/index.ts'

/** As `re.compile(pattern, re.IGNORECASE).match(name)` of Python answers. */
const cases: readonly (readonly [pattern: string, matching: readonly string[], other: readonly string[]])[] = [
  ['web', ['web', 'web1', 'WEB'], ['aweb', 'we']],
  ['^web-[2-9]$', ['web-2', 'web-9\n'], ['web-1', 'web-22']],
  ['web|api', ['web1', 'api2'], ['xapi']],
  ['w(e|i)*b', ['wb', 'weieb'], ['wab']],
  ['(?:ab){2,3}c', ['ababc', 'abababc'], ['abc', 'ababababc']],
  ['a{2}$|b{,1}$|c{2,}$|d{x}', ['aa', 'b', '', 'cccc', 'd{x}'], ['aaa', 'bb', 'c']],
  ['(?P<kind>web|api)-\\d+\\Z', ['web-12'], ['web-', 'web-1\n']],
  ['(?<kind>web)', ['web'], ['api']],
  ['(?!db)\\w+$', ['web', 'adb'], ['db', 'db1']],
  ['(?=.*1)web', ['web-1'], ['web-2']],
  ['[^\\W\\d_]+$', ['été'], ['web1', 'a_b']],
  ['[]a-c-]+$', [']b-'], ['d']],
  ['[A-C]x\\.y', ['ax.y', 'Bx.y'], ['dx.y', 'axzy']],
  ['(?s).*b', ['a\nb'], []],
  ['.*b', ['ab'], ['a\nb']],
  ['(?im)a$', ['a\nb'], ['ab']],
  ['\\Aa\\b.\\Bc', [], ['abc']],
  ['a\\b-\\Bb?', ['a-'], ['a-b']],
  ['\\x41\\u0042\\t?(?#what)c', ['abc', 'AB\tC'], ['abd']],
  ['(a*)*(b?)+c', ['c', 'aabbc'], ['aad']],
  ['a*?b+?', ['ab', 'b'], ['a']],
  ['', ['', 'web'], []],
  ['😀{2}$', ['😀😀'], ['😀']],
]

for (const [pattern, matching, other] of cases) {
  test(`the regular expression ${JSON.stringify(pattern)}`, () => {
    const matches = parseRegular(pattern)
    for (const name of matching) assert.ok(matches(name), JSON.stringify(name))
    for (const name of other) assert.ok(!matches(name), JSON.stringify(name))
  })
}

test('what is no regular expression, or needs memory, is refused with the reason', () => {
  const wrong = ['w(', 'w)', '[a', '*a', 'a**', 'a{3,2}', '(?P<1>a)', '\\', '\\y', '[z-a]', '\\x4', '(?x)a', 'a*+']
  for (const pattern of [...wrong, '(a)\\1', '(?<=a)b', '(?P=a)', '(?>a)', 'a'.repeat(1_001)]) {
    assert.throws(() => parseRegular(pattern), { code: 'ERR_PROPERTY_INVALID' }, pattern)
  }
})

test('expressions that keep others busy for ever are matched, or given up', () => {
  const name = `${'a'.repeat(60)}!`
  for (const pattern of ['(a+)+$', '(a|a)*$', '(a|aa)+$', '([a-z]+)*$', '(.*)*x', '(a?){30}a{30}x']) {
    assert.equal(parseRegular(pattern)(name), false, pattern)
  }
  assert.equal(parseRegular('(a?){30}a{30}')(name), true)
  for (const pattern of [
    '((a{99}){99}){99}',
    'a{99999999}',
    '((((){9999}){9999}){9999})',
    '(?:(?:(?:\\b|x){1000}){1000}){1000}',
    `${'(?=.*'.repeat(50)}b${')'.repeat(50)}`,
  ]) {
    assert.throws(() => parseRegular(pattern)(name.repeat(10)), { code: 'ERR_PATTERN_TOO_SLOW' }, pattern)
  }
})

test('expressions that JavaScript cannot even compile are ordinary ones', () => {
  assert.equal(parseRegular(`w${'(?:\\b)'.repeat(140)}`)('web'), false)
  assert.equal(parseRegular('(x)'.repeat(300))('web'), false)
  assert.equal(parseRegular(`${'('.repeat(499)}w${')'.repeat(499)}`)('web'), true)
})
