import assert from 'node:assert/strict'
import { test } from 'node:test'
import { quoted, readTyped, splitWords } from '../../cli/circusctl/console/words.ts'

test('words are told apart as in a shell', () => {
  assert.deepEqual(splitWords('  set web   max_age 3 '), ['set', 'web', 'max_age', '3'])
  assert.deepEqual(splitWords(''), [])
  assert.deepEqual(splitWords(`add 'my app' "sh -c" a\\ b`), ['add', 'my app', 'sh -c', 'a b'])
  assert.deepEqual(splitWords(`'a'"b"c`), ['abc'])
  assert.deepEqual(splitWords(`set web cmd '' ""`), ['set', 'web', 'cmd', '', ''])
})

test('a backslash means itself between single quotes, and before plain characters between double ones', () => {
  assert.deepEqual(splitWords(String.raw`'a\b' "a\b" "a\"b" "a\\b" a\\b`), ['a\\b', 'a\\b', 'a"b', 'a\\b', 'a\\b'])
})

test('a quote or backslash that is left open is no line', () => {
  for (const line of [`add 'web`, `add "web`, 'add web\\', `"a\\`]) assert.equal(splitWords(line), undefined, line)
})

test('of a line being typed the last word is kept as it was typed too', () => {
  assert.deepEqual(readTyped('status we'), { words: ['status'], current: 'we', typed: 'we', quote: '', inQuote: '' })
  assert.deepEqual(readTyped('status '), { words: ['status'], current: '', typed: '', quote: '', inQuote: '' })
  assert.deepEqual(readTyped(`status 'my a`), {
    words: ['status'],
    current: 'my a',
    typed: `'my a`,
    quote: "'",
    inQuote: 'my a',
  })
  assert.deepEqual(readTyped('status my\\ a'), {
    words: ['status'],
    current: 'my a',
    typed: 'my\\ a',
    quote: '',
    inQuote: '',
  })
  assert.deepEqual(readTyped('status my\\'), {
    words: ['status'],
    current: 'my',
    typed: 'my\\',
    quote: '\\',
    inQuote: '',
  })
})

test('whatever a word is completed to reads as that word, from each kind of beginning', () => {
  const name = `it's "my" $app \\ (1) & ümlaut;`
  for (const typed of ['', "'", '"', "it\\'s ".slice(0, 4), `"it's "'"my`, "it\\'s\\"]) {
    const { current, quote } = readTyped(typed)
    assert.ok(name.startsWith(current), typed)
    assert.deepEqual(splitWords(typed + quoted(name.slice(current.length), quote)), [name], typed)
  }
})
