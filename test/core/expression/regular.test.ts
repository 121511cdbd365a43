import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsePattern, parseRegular } from '../../../core/expression/index.ts'

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

/** As `re.match(pattern, text).groupdict()` of Python answers, but for groups that took no part. */
const groupings: readonly (readonly [pattern: string, text: string, groups: Record<string, string> | undefined])[] = [
  ['^(?P<pid>.*);(?P<timestamp>.*)$', '12;34', { pid: '12', timestamp: '34' }],
  ['^(?P<pid>.*);(?P<timestamp>.*)$', '12;34;56\n', { pid: '12;34', timestamp: '56' }],
  ['^(?P<pid>.*?);(?P<timestamp>.*)$', '12;34;56', { pid: '12', timestamp: '34;56' }],
  ['(?P<a>x|xy)(?P<b>y?)', 'xy', { a: 'x', b: 'y' }],
  ['(?P<a>x{1,2}?)(?P<b>x*)', 'xxx', { a: 'x', b: 'xx' }],
  ['(?:(?P<a>\\d)|(?P<b>[a-z]))+', '1a2', { a: '2', b: 'a' }],
  ['(?=.*(?P<a>\\d))\\w+', 'ab1', { a: '1' }],
  ['(?P<outer>a(?P<inner>b*))c', 'abbc', { outer: 'abb', inner: 'bb' }],
  ['(?P<name>é😀)', 'é😀', { name: 'é😀' }],
  ['(?i)(?P<a>Pid)', 'pID', { a: 'pID' }],
  ['(?P<a>Pid)', 'pID', undefined],
]

for (const [pattern, text, groups] of groupings) {
  test(`the groups of ${JSON.stringify(pattern)} in ${JSON.stringify(text)}`, () => {
    assert.deepEqual(parsePattern(pattern, 'msg_regex').match(text), groups)
  })
}

test('a pattern can be matched any number of times, and each time costs a bounded effort', () => {
  const pattern = parsePattern('^(?P<pid>.*);(?P<timestamp>.*)$', 'msg_regex')
  for (let count = 0; count < 200; count++) assert.equal(pattern.match(`${';'.repeat(1_000)}\n\n`), undefined)
  const slow = parsePattern(`${'(?=.*'.repeat(50)}b${')'.repeat(50)}`, 'msg_regex')
  assert.throws(() => slow.match('a'.repeat(600)), { code: 'ERR_PATTERN_TOO_SLOW' })
  assert.deepEqual(slow.match('b'), {})
})

test('two groups of one name are refused, by the name of what holds the pattern', () => {
  assert.throws(() => parsePattern('(?P<a>x)(?P<a>y)', 'msg_regex'), {
    code: 'ERR_PROPERTY_INVALID',
    message: /^property 'msg_regex' .*two groups are called a/,
  })
})
