import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { test } from 'node:test'
import { loadConfig } from '../../../core/config/index.ts'
import { configFolder, failure } from './config-folder.ts'

const load = (path: string, env: Record<string, string> = {}) => loadConfig(path, { env })

test('the main file wins over what it includes, and that over what comes later', async () => {
  using folder = configFolder({
    'circus.ini': '[circus]\ninclude = a.ini sub/*.ini\n  last.ini\ncheck_delay = 1\n[watcher:w]\ncmd = main\n',
    'a.ini': '[circus]\ncheck_delay = 2\nwarmup_delay = 2\n[watcher:w]\ncmd = a\nargs = a\n',
    'sub/b.ini': '[circus]\nwarmup_delay = 3\n[watcher:b]\ncmd = b\n[env:w]\nX = 1\n',
    'sub/.hidden.ini': '[watcher:hidden]\ncmd = b\n',
    'last.ini': '[watcher:b]\ncmd = last\npriority = 7\n',
  })
  const config = await load(folder.path('circus.ini'))
  assert.deepEqual([config.circus.check_delay, config.circus.warmup_delay], [1, 2])
  const [w, b] = config.watchers
  assert.deepEqual([b!.name, b!.options.cmd, b!.options.priority], ['b', 'b', 7])
  assert.deepEqual([w!.options.cmd, w!.options.args, w!.options.env['X']], ['main', 'a', '1'])
  assert.deepEqual(w!.origins['args'], { file: folder.path('a.ini'), line: 6, text: 'a' })
  assert.equal(config.watchers.length, 2)
  assert.deepEqual(config.warnings, [])
})

test('include_dir takes the .ini files of a folder, and included files may include others, relative to themselves', async () => {
  using folder = configFolder({
    'circus.ini': '[circus]\ninclude_dir = $(circus.env.WHERE) other\n',
    'conf/a.ini': '[circus]\ninclude = deeper/c.ini\n[watcher:a]\ncmd = a\n',
    'conf/deeper/c.ini': '[watcher:c]\ncmd = c\n',
    'conf/no.txt': 'not this one',
    'other/b.ini': '[watcher:b]\ncmd = b\n',
  })
  const config = await load(folder.path('circus.ini'), { WHERE: 'conf' })
  assert.deepEqual(
    config.watchers.map(({ name }) => name),
    ['a', 'c', 'b'],
  )
})

test('errors name the file they were written in, all files at once', async () => {
  using folder = configFolder({
    'circus.ini': '[circus]\ninclude = a.ini\ncheck_delay = soon\n[watcher:w]\nnumprocesses = x\n',
    'a.ini': '\n\nbroken\n[watcher:w]\nsend_hup = perhaps\n[watcher:v]\nargs = 1\n',
  })
  const { errors } = await failure(load(folder.path('circus.ini')))
  const main = folder.path('circus.ini')
  const included = folder.path('a.ini')
  assert.deepEqual(
    errors.map(({ file, line, message }) => [file, line, message.replace(/:.*/, '')]),
    [
      [main, 3, '[circus] check_delay = soon'],
      [main, 4, '[watcher'],
      [main, 5, '[watcher'],
      [included, 3, 'broken'],
      [included, 5, '[watcher'],
      [included, 6, '[watcher'],
    ],
  )
  assert.match(errors[1]!.message, /^\[watcher:w\] cmd: is missing/)
  assert.match(errors[5]!.message, /^\[watcher:v\] cmd: is missing/)
})

test('an include that matches nothing warns', async () => {
  using folder = configFolder({ 'circus.ini': '[circus]\ninclude = none.ini *.conf\ninclude_dir = nowhere\n' })
  const { warnings } = await load(folder.path('circus.ini'))
  assert.deepEqual(
    warnings.map(({ line, message }) => `${line}: ${message.replace(/:.*/, '')}`),
    ['2: [circus] include = none.ini', '2: [circus] include = *.conf', '3: [circus] include_dir = nowhere'],
  )
})

test('files that include each other are read once, with a warning', async () => {
  using folder = configFolder({
    'circus.ini': '[circus]\ninclude = a.ini\n[watcher:w]\ncmd = main\n',
    'a.ini': '[circus]\ninclude = ./sub/../circus.ini\n[watcher:a]\ncmd = a\n',
    'sub/x': '',
  })
  const config = await load(folder.path('circus.ini'))
  assert.equal(config.watchers.length, 2)
  assert.match(config.warnings[0]!.message, /included by itself/)
  assert.equal(config.warnings[0]!.file, folder.path('a.ini'))
})

test('a folder that includes itself by a pattern is nothing to warn about', async () => {
  using folder = configFolder({ 'circus.ini': '[circus]\ninclude_dir = .\n', 'a.ini': '[watcher:a]\ncmd = a\n' })
  const config = await load(folder.path('circus.ini'))
  assert.deepEqual([config.watchers.length, config.warnings], [1, []])
})

test('an included file that cannot be read is an error where it is included', async () => {
  using folder = configFolder({ 'circus.ini': '[watcher:w]\ncmd = a\n[circus]\ninclude = folder.ini\n' })
  mkdirSync(folder.path('folder.ini'))
  const { errors } = await failure(load(folder.path('circus.ini')))
  assert.deepEqual(errors, [
    {
      message: `include of ${folder.path('folder.ini')}: cannot be read: it is not a file`,
      file: folder.path('circus.ini'),
      line: 4,
    },
  ])
})

test('a main file that is not there is one error about the file', async () => {
  using folder = configFolder({})
  const error = await failure(load(folder.path('none.ini')))
  assert.equal(error.code, 'ERR_CONFIG_INVALID')
  assert.equal(error.errors.length, 1)
  assert.match(error.errors[0]!.message, /ENOENT/)
  assert.deepEqual([error.errors[0]!.file, error.errors[0]!.line], [folder.path('none.ini'), 0])
})

test('patterns know neither braces nor brackets of the folder the file is in', async () => {
  using folder = configFolder({
    'odd [x]{y}/circus.ini': '[circus]\ninclude = {a,b}.ini [ab].ini\n',
    'odd [x]{y}/a.ini': '[watcher:a]\ncmd = a\n',
    'odd [x]{y}/{a,b}.ini': '[watcher:braces]\ncmd = a\n',
  })
  const config = await load(folder.path('odd [x]{y}/circus.ini'))
  assert.deepEqual(
    config.watchers.map(({ name }) => name),
    ['braces', 'a'],
  )
})
