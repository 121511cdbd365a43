import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import {
  ConfigError,
  configFromObject,
  defineConfig,
  describeConfig,
  loadConfig,
  watcherFromApi,
} from '../../../core/config/index.ts'
import { configFolder, failure, readText } from './config-folder.ts'

const typed = {
  circus: { check_delay: 1, umask: '022' },
  env: { ALL: 1 },
  watchers: [
    {
      name: 'web',
      cmd: 'node server.js',
      args: ['--name', 'two words'],
      numprocesses: 2,
      stop_signal: 'QUIT',
      env: { OWN: 'x', DIR: '$(circus.env.HERE)' },
      rlimits: { nofile: 500, core: 'unlimited' },
      rlimit_cpu: 5,
      hooks: { before_start: './h.ts:f', after_stop: ['./h.ts:g', true] },
      stdout_stream: { class: 'FileStream', max_bytes: 100 },
      'stderr_stream.class': 'StdoutStream',
      'flapping.window': 3,
    },
  ],
  sockets: [{ name: 'WEB', port: 0 }],
  plugins: [{ name: 'flapping', attempts: 3, nested: { list: [1, '$(circus.env.HERE)'] } }],
} as const

test('an object means what the same ini means', async () => {
  const object = configFromObject(defineConfig(typed), 'API', { HERE: '/here' })
  const ini = await readText(
    [
      '[circus]\ncheck_delay = 1\numask = 022\n[env]\nALL = 1\n[watcher:web]\ncmd = node server.js\nnumprocesses = 2\n',
      'stop_signal = QUIT\nrlimit_nofile = 500\nrlimit_core =\nrlimit_cpu = 5\nhooks.before_start = ./h.ts:f\n',
      'hooks.after_stop = ./h.ts:g, true\nstdout_stream.class = FileStream\nstdout_stream.max_bytes = 100\n',
      'stderr_stream.class = StdoutStream\nflapping.window = 3\n[env:web]\nOWN = x\nDIR = $(circus.env.HERE)\n',
      '[socket:web]\nport = 0\n[plugin:flapping]\nattempts = 3\n',
    ].join(''),
    { HERE: '/here' },
  )
  const { args, ...rest } = object.watchers[0]!.options
  assert.deepEqual(args, ['--name', 'two words'])
  assert.deepEqual({ ...rest, args: '' }, ini.watchers[0]!.options)
  assert.deepEqual(object.circus, ini.circus)
  assert.deepEqual(object.sockets[0]!.options, ini.sockets[0]!.options)
  assert.deepEqual(object.plugins[0]!.options, { attempts: 3, nested: { list: [1, '/here'] } })
  assert.equal(object.file, null)
})

test('watchers without a name are called after their command, each in its own way', () => {
  const { watchers } = configFromObject({
    watchers: [
      { cmd: '/bin/sleep 1' },
      { cmd: 'sleep 2' },
      { cmd: '"my server" -x' },
      { cmd: 'sleep 3', name: 'Sleep-2' },
    ],
  })
  assert.deepEqual(
    watchers.map(({ name }) => name),
    ['sleep', 'sleep-3', 'my server', 'Sleep-2'],
  )
})

test('a hook may be a function, and is shown by its name', () => {
  function ready() {}
  const config = configFromObject({
    watchers: [{ cmd: 'a', hooks: { before_start: ready, after_stop: [ready, true] } }],
  })
  assert.deepEqual(config.watchers[0]!.options.hooks, { before_start: [ready, false], after_stop: [ready, true] })
  assert.match(JSON.stringify(describeConfig(config)), /"before_start":\["function ready",false\]/)
})

test('everything wrong with an object is told at once, with the place it was given for', () => {
  const wrong = {
    circus: { endpoint: 'x' },
    watchers: [{ cmd: 'a', numprocesses: '2.5', hooks: { nope: 'x' }, env: 5 }, 7, { name: 5, cmd: {} }],
    sockets: 'none',
    plugins: [{ name: 'p', priority: {} }],
    wachters: [],
  }
  assert.throws(
    () => configFromObject(wrong as never, 'here'),
    (error: ConfigError) => {
      assert.deepEqual(
        error.errors.map(({ file, message }) => [file, message.replace(/: must be .*|: no such.*|: is missing.*/, '')]),
        [
          ['here', 'watchers[1]'],
          ['here', 'watchers: name must be text, not 5'],
          ['here', 'sockets'],
          ['here', '[circus] endpoint = x'],
          ['here', '[watcher:a] numprocesses = 2.5'],
          ['here', '[watcher:a] hooks.nope = x'],
          ['here', '[watcher:a] env = 5'],
          ['here', '[watcher:watcher] cmd'],
          ['here', '[watcher:5] cmd = {}'],
          ['here', '[plugin:p] priority = {}'],
        ],
      )
      assert.match(error.warnings[0]!.message, /^wachters: unknown; did you mean watchers\?$/)
      return error instanceof ConfigError && error.code === 'ERR_CONFIG_INVALID'
    },
  )
})

test('two watchers of the same name are an error', () => {
  assert.throws(
    () =>
      configFromObject({
        watchers: [
          { cmd: 'a', name: 'x' },
          { cmd: 'b', name: 'X' },
        ],
      }),
    /name is taken/,
  )
})

test('keys that objects have by nature are kept apart from them', () => {
  const object = JSON.parse('{"watchers":[{"cmd":"a","name":"w","__proto__":{"shell":true},"env":{"__proto__":"1"}}]}')
  const { watchers } = configFromObject(object)
  assert.equal(watchers[0]!.options.shell, false)
  assert.deepEqual(Object.entries(watchers[0]!.options.env), [['__proto__', '1']])
  assert.deepEqual(Object.entries(watchers[0]!.options.options), [['__proto__', '{"shell":true}']])
})

const files = {
  'circus.config.ts':
    "type Config = { watchers: { name: string; cmd: string }[] }\nexport default { watchers: [{ name: 'w', cmd: 'ts' }] } satisfies Config\n",
  'circus.config.mjs': "export default { watchers: [{ name: 'w', cmd: 'mjs' }] }\n",
  'circus.config.cjs': "module.exports = { watchers: [{ name: 'w', cmd: 'cjs' }] }\n",
  'circus.config.json': '{ "watchers": [{ "name": "w", "cmd": "json" }] }',
  'circus.config.yaml': 'watchers:\n  - name: w\n    cmd: yaml\n',
  '.circusrc': 'watchers:\n  - name: w\n    cmd: rc\n',
  'package.json': '{ "circus": { "watchers": [{ "name": "w", "cmd": "package" }] } }',
}

for (const [name, content] of Object.entries(files)) {
  test(`${name} is read, and read anew when it changed`, async () => {
    using folder = configFolder({ [name]: content })
    const config = await loadConfig(folder.path(name))
    const { cmd } = config.watchers[0]!.options
    assert.ok(content.includes(cmd))
    assert.deepEqual(config.watchers[0]!.origins['cmd'], { file: folder.path(name), line: 0 })
    assert.equal(config.file, folder.path(name))
    writeFileSync(folder.path(name), content.replace(new RegExp(`(['": ])${cmd}\\b`), '$1changed'))
    assert.equal((await loadConfig(folder.path(name))).watchers[0]!.options.cmd, 'changed')
  })
}

test('a typed file that does not parse is one error, with its line where the parser tells it', async () => {
  const broken = {
    'a.json': ['{\n  "watchers": [],\n}', 3],
    'a.yaml': ['watchers:\n  - name: "x\n', 3],
    'a.mjs': ['export default {\n  watchers: [\n', 0],
    'b.mjs': ["\nthrow new Error('no')\n", 2],
    'package.json': ['{ "name": "x" }', 0],
    'empty.json': ['', 0],
  } as const
  using folder = configFolder(Object.fromEntries(Object.entries(broken).map(([name, [text]]) => [name, text])))
  for (const [name, [, line]] of Object.entries(broken)) {
    const { errors } = await failure(loadConfig(folder.path(name)))
    assert.equal(errors.length, 1, name)
    assert.equal(errors[0]!.file, folder.path(name))
    if (line) assert.equal(errors[0]!.line, line, `${name}: ${errors[0]!.message}`)
  }
})

test('reading an ini loads none of the libraries that only typed files need', () => {
  using folder = configFolder({ 'circus.ini': '[watcher:w]\ncmd = a\n' })
  const script = `
    import { registerHooks } from 'node:module'
    const loaded = []
    registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context) } })
    const { loadConfig } = await import(${JSON.stringify(new URL('../../../core/config/index.ts', import.meta.url).href)})
    await loadConfig(${JSON.stringify(folder.path('circus.ini'))})
    console.log(loaded.filter((url) => /cosmiconfig|yaml|zod/.test(url)).length, loaded.length > 10)`
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
  assert.equal(output.trim(), '0 true')
})

test('the example in the README is read without a remark', async () => {
  const readme = readFileSync(new URL('../../../core/config/README.md', import.meta.url), 'utf8')
  const [example] = /^ {4}import \{ defineConfig \}.*?^ {4}\}\)$/ms.exec(readme)!
  const index = new URL('../../../core/config/index.ts', import.meta.url).href
  using folder = configFolder({ 'circus.config.ts': example.replace("'circusd'", `'${index}'`) })
  const { watchers, sockets, plugins, warnings } = await loadConfig(folder.path('circus.config.ts'))
  assert.deepEqual(warnings, [])
  assert.deepEqual(watchers[0]!.options.env, { NODE_ENV: 'production', PORT: '8080' })
  assert.deepEqual([sockets.length, plugins[0]!.options], [1, { attempts: 3 }])
})

test('values that JSON has no form for are refused like other wrong ones', () => {
  const circular: Record<string, unknown> = {}
  circular['self'] = circular
  for (const got of [circular, 10n, Symbol('x'), () => {}, new Date(), Number.NaN]) {
    const object = { watchers: [{ cmd: 'a', numprocesses: got, 'x.y': got }] } as never
    assert.throws(() => configFromObject(object), { code: 'ERR_CONFIG_INVALID' })
    assert.throws(() => watcherFromApi('w', { cmd: 'a', options: { uid: got } }), { code: 'ERR_OPTION_INVALID' })
  }
})

test('the editor knows the options', () => {
  // @ts-expect-error a misspelt option
  defineConfig({ watchers: [{ cmd: 'a', numproceses: 2 }] })
  // @ts-expect-error a number in words
  defineConfig({ watchers: [{ cmd: 'a', numprocesses: 'two' }] })
  // @ts-expect-error a watcher without a command
  defineConfig({ watchers: [{ name: 'a' }] })
})
