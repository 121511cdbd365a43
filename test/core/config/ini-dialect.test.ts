import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorsOf, readText, warningsOf } from './config-folder.ts'

/** The options nobody claims are kept as they were read: what the dialect makes of a line. */
async function unclaimed(lines: string): Promise<Record<string, string>> {
  const config = await readText(`[watcher:w]\ncmd = true\n${lines}`)
  return { ...config.watchers[0]!.options.options }
}

test('lines that start with # or ;, and with the word rem, are comments', async () => {
  const options = await unclaimed('# p.a = 1\n;p.b = 2\nrem p.c = 3\nREM\nremark.d = 4\np.e = 5\n')
  assert.deepEqual(options, { 'remark.d': '4', 'p.e': '5' })
})

test('a semicolon after white space ends a value; a number sign does not', async () => {
  const options = await unclaimed('p.a = x ; y\np.b = x;y\np.c = x # y\np.d = x\t;y ; z\np.e = a;b ; c\np.f = ;x\n')
  assert.deepEqual(options, { 'p.a': 'x', 'p.b': 'x;y', 'p.c': 'x # y', 'p.d': 'x', 'p.e': 'a;b ; c', 'p.f': ';x' })
})

test('an indented line continues the value above it, over blank lines and as a comment too', async () => {
  const options = await unclaimed('p.a = one\n  two\n\n\tthree ; four\n   # five\np.b = \n  six\n')
  assert.deepEqual(options, { 'p.a': 'one\ntwo\nthree ; four\n# five', 'p.b': '\nsix' })
})

test('= and : both delimit, the first of either wins', async () => {
  const options = await unclaimed('p.a = x:y\np.b: x=y\np.c=x = y\np.d   :   z   \n')
  assert.deepEqual(options, { 'p.a': 'x:y', 'p.b': 'x=y', 'p.c': 'x = y', 'p.d': 'z' })
})

test('option names keep their case and their inner blanks', async () => {
  const options = await unclaimed('p.Name = 1\np.name = 2\np.two words  = 3\np.[x] = 4\n')
  assert.deepEqual(options, { 'p.Name': '1', 'p.name': '2', 'p.two words': '3', 'p.[x]': '4' })
})

test('a section written twice is merged and the first value of an option wins', async () => {
  const config = await readText(
    '[watcher:w]\ncmd = a\np.x = 1\np.x = 2\n  more\n[circus]\n[watcher:w]\ncmd = b\np.y = 3\n',
  )
  assert.equal(config.watchers.length, 1)
  assert.equal(config.watchers[0]!.options.cmd, 'a')
  assert.deepEqual(config.watchers[0]!.options.options, { 'p.x': '1', 'p.y': '3' })
})

test('"" is an empty value and other quotes belong to the value', async () => {
  const options = await unclaimed(`p.a = ""\np.b = "x y"\np.c = 'z'\np.d =\np.e = "" x\n`)
  assert.deepEqual(options, { 'p.a': '', 'p.b': '"x y"', 'p.c': "'z'", 'p.d': '', 'p.e': '"" x' })
})

test('dots, colons, brackets and blanks are ordinary in names of sections', async () => {
  const config = await readText('[watcher:a.b:c [1] d]\ncmd = true\n[watcher:e] ; see [f]\ncmd = true\n')
  assert.deepEqual(
    config.watchers.map(({ name }) => name),
    ['a.b:c [1] d', 'e'],
  )
})

test('booleans are read in any case, and anything else is an error', async () => {
  for (const [words, value] of [
    [['true', '1', 'yes', 'on', 'True', 'YES', 'oN'], true],
    [['false', '0', 'no', 'off', 'False', 'NO', 'oFF'], false],
  ] as const) {
    for (const word of words) {
      const config = await readText(`[watcher:w]\ncmd = true\nsend_hup = ${word}\n`)
      assert.equal(config.watchers[0]!.options.send_hup, value, word)
    }
  }
  for (const word of ['', '2', 'maybe', 'truee', 'y']) {
    const [error] = await errorsOf(`[watcher:w]\ncmd = true\nsend_hup = ${word}\n`)
    assert.match(error!, /^3: \[watcher:w\] send_hup = .*: must be true, yes, on or 1/)
  }
})

test('an empty section is ignored, whatever its kind', async () => {
  const config = await readText('[watcher:w]\n# cmd = true\n[socket:s]\n[anything]\n[circus]\n')
  assert.deepEqual([config.watchers, config.sockets, config.plugins, config.warnings], [[], [], [], []])
})

test('lines that are nothing are all reported, with line and text', async () => {
  const errors = await errorsOf(
    'stray = 1\nmore\n[watcher:w]\nnonsense\ncmd = true\nmore nonsense\n[watcher:x\n  [indented]\n',
  )
  assert.deepEqual(errors, [
    '1: stray = 1: stands before the first [section]',
    '2: more: stands before the first [section]',
    '4: nonsense: neither a [section], an option = value, nor a comment',
    '6: more nonsense: neither a [section], an option = value, nor a comment',
    '7: [watcher:x: a section is written [NAME], from the first column on',
    '8: [indented]: a section is written [NAME], from the first column on',
  ])
})

test('a file of another kind is answered with some of its lines only', async () => {
  const errors = await errorsOf('no configuration\n'.repeat(100_000))
  assert.equal(errors.length, 51)
  assert.equal(errors.at(-1), '51: 99950 more lines like these, from here on')
})

test('an indented option right after its section is read, and warned about', async () => {
  const config = await readText('[watcher:w]\n  # comment\n  cmd = true\n')
  assert.equal(config.watchers[0]!.options.cmd, 'true')
  assert.match(config.warnings[0]!.message, /starts with white space/)
})

test('a value without a name is warned about, as the original reads it and makes nothing of it', async () => {
  const config = await readText('[watcher:w]\n= 5\ncmd = true\n: 6\n  more\n')
  assert.deepEqual(config.watchers[0]!.options.options, {})
  assert.deepEqual(
    config.warnings.map(({ line, message }) => `${line}: ${message}`),
    ['2: = 5: has no effect without a name before the =', '4: : 6: has no effect without a name before the :'],
  )
})

test('options of [DEFAULT] hold for every section that does not say otherwise', async () => {
  const config = await readText('[DEFAULT]\np.x = 1\np.y = 1\n[watcher:w]\ncmd = true\np.y = 2\n')
  assert.deepEqual(config.watchers[0]!.options.options, { 'p.y': '2', 'p.x': '1' })
})

test('a byte order mark and carriage returns do not matter', async () => {
  const config = await readText('\uFEFF[watcher:w]\r\ncmd = true\r\nargs = a\r\n  b\r\rp.x = 1\r')
  const { cmd, args, options } = config.watchers[0]!.options
  assert.deepEqual([cmd, args, { ...options }], ['true', 'a\nb', { 'p.x': '1' }])
})

test('NUL bytes and bytes that are not UTF-8 are errors with their line', async () => {
  assert.deepEqual(await errorsOf('[watcher:w]\np.x = 1\ncmd = true\np.y = a\0b\n'), [
    '4: p.y = a␀b: has a NUL byte; this is not a text file',
  ])
  const latin1 = Buffer.from('[watcher:w]\ncmd = true\nargs = caf\xe9\n', 'latin1')
  assert.deepEqual(await errorsOf(latin1), ['3: is not UTF-8 text; save the file as UTF-8'])
})

test('sections of a kind nobody knows are warned about with the nearest kind', async () => {
  const warnings = await warningsOf('[program:web]\nx = 1\n[watchr:web]\nx = 1\n[circuss]\nx = 1\n[whatever]\nx = 1\n')
  assert.deepEqual(warnings, [
    '1: [program:web]: unknown section; did you mean [watcher:web]?',
    '3: [watchr:web]: unknown section; did you mean [watcher:web]?',
    '5: [circuss]: unknown section; did you mean [circus]?',
    '7: [whatever]: unknown section; it has no effect',
  ])
})

test('names that objects have by nature are names like others', async () => {
  const config = await readText(
    [
      '[watcher:__proto__]\ncmd = true\n__proto__ = 1\nconstructor = 2\nstdout_stream.__proto__ = 3\n',
      '[env:__proto__]\n__proto__ = 4\ntoString = 5\n',
      '[socket:constructor]\nport = 0\n',
      '[plugin:__proto__]\n__proto__ = 6\n',
      '[__proto__]\nx = 1\n',
    ].join(''),
  )
  const { name, options } = config.watchers[0]!
  assert.equal(name, '__proto__')
  assert.deepEqual(Object.entries(options.options), [
    ['__proto__', '1'],
    ['constructor', '2'],
  ])
  assert.deepEqual(Object.entries(options.stdout_stream), [['__proto__', '3']])
  assert.deepEqual(Object.entries(options.env), [
    ['__proto__', '4'],
    ['toString', '5'],
  ])
  assert.deepEqual(Object.entries(config.plugins[0]!.options), [['__proto__', '6']])
  assert.equal(config.sockets[0]!.name, 'constructor')
  assert.equal(({} as Record<string, unknown>)['x'], undefined)
})

test('a file of ten megabytes is read', { timeout: 20_000 }, async () => {
  const line = `p.option = ${'x'.repeat(88)}\n`
  const sections = Array.from({ length: 1000 }, (_, at) => `[watcher:w${at}]\ncmd = true\n${line.repeat(100)}`)
  const config = await readText(sections.join(''))
  assert.equal(config.watchers.length, 1000)
})

test('an empty plugin section is ignored, as in the original, and a warning says what to write', async () => {
  const config = await readText('[plugin:flapping]\n[watcher:nothing]\n')
  assert.deepEqual([config.plugins, config.watchers], [[], []])
  assert.deepEqual(
    config.warnings.map(({ line, message }) => [line, message]),
    [[1, '[plugin:flapping]: an empty section is ignored; to load it, write use = flapping']],
  )
})
