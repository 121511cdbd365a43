import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Globs, splitGlobs } from '../../../plugins/command-reloader/globs.ts'

test('a list of globs is separated by commas, blanks and line ends, but not within braces', () => {
  assert.deepEqual(splitGlobs(' src/**/*.{ts,tsx}, *.json\n  lib'), ['src/**/*.{ts,tsx}', '*.json', 'lib'])
  assert.deepEqual(splitGlobs(' , '), [])
})

const cases: readonly (readonly [
  watch: string,
  ignore: string,
  picked: readonly string[],
  other: readonly string[],
])[] = [
  [
    'src/**/*.ts',
    '',
    ['src/a.ts', 'src/b/c/d.ts'],
    ['a.ts', 'src/a.js', 'lib/a.ts', 'src/node_modules/a.ts', 'src/.git/a.ts'],
  ],
  ['*.json, src', '', ['a.json', 'src/x', 'src/y/z'], ['b/a.json', 'x']],
  ['**', '', ['a', 'b/c'], ['node_modules/a', 'b/.git/c', '.env', '../a']],
  ['.env', '', ['.env'], ['env']],
  [
    'node_modules/own/**/*.js',
    '',
    ['node_modules/own/a.js'],
    ['node_modules/other/a.js', 'node_modules/own/node_modules/a.js'],
  ],
  [
    '**/*.ts',
    'dist, **/*.test.ts gen/',
    ['a.ts', 'x/dist/a.ts'],
    ['dist/a.ts', 'a.test.ts', 'x/b.test.ts', 'gen/x/y.ts'],
  ],
  ['**/*.ts !**/*.d.ts', 'build/**', ['a.ts'], ['a.d.ts', 'build/a.ts']],
  ['../shared/*.py, /etc/web/*.conf', '', ['../shared/a.py', '/etc/web/a.conf'], ['../a.py', '/etc/a.conf']],
]

for (const [watch, ignore, picked, other] of cases) {
  test(`${watch}${ignore && ` without ${ignore}`}`, async () => {
    const globs = await Globs.read('/srv/app', watch, ignore)
    const path = (name: string) => (name.startsWith('/') ? name : new URL(name, 'file:///srv/app/').pathname)
    for (const name of picked) assert.ok(globs.picks(path(name)), name)
    for (const name of other) assert.ok(!globs.picks(path(name)), name)
  })
}

test('folders are entered only as far as something in them may be picked', async () => {
  const globs = await Globs.read('/srv/app', '*.json, src/*/*.ts, lib/**', 'lib/old')
  for (const folder of ['', '/src', '/src/a', '/lib', '/lib/a/b']) assert.ok(globs.enters(`/srv/app${folder}`), folder)
  for (const folder of ['/docs', '/src/a/b', '/lib/node_modules', '/lib/old', '/lib/old/a', '/node_modules']) {
    assert.ok(!globs.enters(`/srv/app${folder}`), folder)
  }
  assert.deepEqual(globs.bases, ['/srv/app', '/srv/app/src', '/srv/app/lib'])
})
