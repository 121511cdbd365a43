import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { commandLine, quoteWord, splitCommand, watcherFromApi } from '../../../core/config/index.ts'

const context = { name: 'web', wid: 3, sockets: { web: 5, 'with-dash': 6 }, env: { HOME: '/h', two: 'a b' } }

function argv(cmd: string, options: Record<string, unknown> = {}, args?: unknown): string[] {
  return commandLine(watcherFromApi('web', { cmd, args, options }).options, context).argv
}

/** As Python's shlex.split answers. */
const splits: readonly (readonly [text: string, words: readonly string[]])[] = [
  ['', []],
  ['  a\tb \n c\r', ['a', 'b', 'c']],
  [`a 'b c' "d e"`, ['a', 'b c', 'd e']],
  [`a'b'"c"d`, ['abcd']],
  [`'' "" x`, ['', '', 'x']],
  [`a\\ b \\'`, ['a b', "'"]],
  [`"a\\"b\\\\c\\d"`, ['a"b\\c\\d']],
  [`'a\\'`, ['a\\']],
  ['a # b', ['a', '#', 'b']],
  ['-c "a; b" && c|d', ['-c', 'a; b', '&&', 'c|d']],
  ['a\\\nb', ['a\nb']],
  ['ä "ö ü"', ['ä', 'ö ü']],
]

for (const [text, words] of splits) {
  test(`the words of ${JSON.stringify(text)}`, () => assert.deepEqual(splitCommand(text), words))
}

test('an open quote and a lone backslash at the end are errors', () => {
  for (const text of [`a 'b`, `a "b`, `a "b\\"`, 'a\\']) assert.throws(() => splitCommand(text), SyntaxError)
})

test('a quoted word is the same word to a shell', () => {
  const words = ['', 'a', 'a b', `it's`, '$HOME', '`x`', '"', '\\', 'a\nb', '*', '~', '-n']
  for (const word of words) assert.deepEqual(splitCommand(quoteWord(word)), [word])
  const { stdout } = spawnSync('/bin/sh', ['-c', `printf '%s\\0' ${words.map(quoteWord).join(' ')}`], {
    encoding: 'utf8',
  })
  assert.deepEqual(stdout.split('\0').slice(0, -1), words)
})

test('cmd and args are split; the elements of a list are not', () => {
  assert.deepEqual(argv('a "b c"', {}, 'd "e f"'), ['a', 'b c', 'd', 'e f'])
  assert.deepEqual(argv('a b', {}, ['c d', '"e"', '']), ['a', 'b', 'c d', '"e"', ''])
})

test('the number of the process, sockets, environment and options are replaced, in any case and both spellings', () => {
  assert.deepEqual(argv('x $(circus.wid) ((circus.wid)) $(CIRCUS.WID) $WID 809$(circus.wid)'), [
    'x',
    '3',
    '3',
    '3',
    '3',
    '8093',
  ])
  assert.deepEqual(argv('x $(circus.sockets.web) ((Circus.Sockets.WEB)) $(circus.sockets.with-dash)'), [
    'x',
    '5',
    '5',
    '6',
  ])
  assert.deepEqual(argv('x $(circus.env.HOME) $(circus.env.home)'), ['x', '/h', '/h'])
  assert.deepEqual(
    argv(
      'x $(circus.working_dir) $(circus.numprocesses) $(circus.send_hup) $(circus.name) -$(circus.uid)- $(circus.mine.x)',
      {
        working_dir: '/w',
        numprocesses: 2,
        'mine.x': 'y',
      },
    ),
    ['x', '/w', '2', 'False', 'web', '--', 'y'],
  )
  assert.deepEqual(
    argv('x $(circus.rlimits.nofile) $(circus.rlimit_nofile) $(circus.stdout_stream.class)', {
      rlimit_nofile: 5,
      'stdout_stream.class': 'S',
    }),
    ['x', '5', '5', 'S'],
  )
})

test('what is replaced in a text is split with it, in a list it is not', () => {
  assert.deepEqual(argv('x', {}, '$(circus.env.two)'), ['x', 'a', 'b'])
  assert.deepEqual(argv('x', {}, ['$(circus.env.two)']), ['x', 'a b'])
})

test('an unknown reference stays as it stands', () => {
  assert.deepEqual(
    argv('x $(circus.nothing) $(circus.env.NONE) $(circus.sockets.none) $(circus.constructor) $WIDE $HOME'),
    [
      'x',
      '$(circus.nothing)',
      '$(circus.env.NONE)',
      '$(circus.sockets.none)',
      '$(circus.constructor)',
      '$WIDE',
      '$HOME',
    ],
  )
})

test('with shell, the text goes to /bin/sh as it was written', () => {
  assert.deepEqual(argv('echo "$HOME" | cat && echo $(circus.wid)', { shell: true }, '> /dev/null'), [
    '/bin/sh',
    '-c',
    'echo "$HOME" | cat && echo 3 > /dev/null',
  ])
  assert.deepEqual(argv('echo', { shell: true, shell_args: 'name "b c"' }, ['a b', `it's`]), [
    '/bin/sh',
    '-c',
    `echo 'a b' 'it'"'"'s'`,
    'name',
    'b c',
  ])
  assert.deepEqual(argv(`echo it's not split`, { shell: true, shell_args: ['$(circus.wid)'] }).slice(2), [
    `echo it's not split`,
    '3',
  ])
})
