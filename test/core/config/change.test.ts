import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changeOptions, compareWatchers, flattenOptions, watcherFromApi } from '../../../core/config/index.ts'
import type { WatcherConfig } from '../../../core/config/types.ts'

const watcher = (options: Record<string, unknown> = {}): WatcherConfig =>
  watcherFromApi('w', { cmd: 'sleep 1', options: { copy_env: true, ...options } })

/** What a change of each option means for a running watcher. */
const effects: Record<string, readonly (readonly [name: string, value: unknown])[]> = {
  resize: [['numprocesses', '3']],
  replace: [
    ['cmd', 'sleep 2'],
    ['args', ['a', 'b']],
    ['shell', 'yes'],
    ['shell_args', 'x'],
    ['executable', '/bin/sleep'],
    ['working_dir', '/tmp'],
    ['uid', 'nobody'],
    ['gid', 1],
    ['copy_env', false],
    ['copy_path', true],
    ['env.NAME', 'x'],
    ['virtualenv', '/v'],
    ['virtualenv_py_ver', '3.12'],
    ['rlimit_nofile', 100],
    ['use_sockets', 1],
    ['sockets', 'a, b'],
    ['stdin_socket', 's'],
    ['close_child_stdin', false],
    ['close_child_stdout', true],
    ['close_child_stderr', true],
  ],
  none: [
    ['singleton', true],
    ['warmup_delay', 1.5],
    ['max_retry', '-1'],
    ['graceful_timeout', '5'],
    ['stop_signal', 'INT'],
    ['stop_children', 'on'],
    ['send_hup', true],
    ['priority', 3],
    ['autostart', false],
    ['respawn', 'false'],
    ['max_age', 10],
    ['max_age_variance', 0],
    ['respawn_delay', 1],
    ['respawn_delay_max', 2],
    ['on_demand', true],
    ['stdout_stream.class', 'FileStream'],
    ['stderr_stream.filename', 'x'],
    ['hooks.before_start', './x.ts:f'],
    ['flapping.window', 5],
  ],
}

for (const [effect, changes] of Object.entries(effects)) {
  for (const [name, value] of changes) {
    test(`set ${name}: ${effect}`, () => {
      const current = watcher()
      const before = structuredClone(current)
      const result = changeOptions(current, { [name]: value })
      assert.deepEqual({ effect: result.effect, changed: result.changed }, { effect, changed: [name] })
      assert.deepEqual(current, before)
      assert.deepEqual(compareWatchers(current, result.config), { effect, changed: [name] })
      assert.deepEqual(compareWatchers(result.config, result.config), { effect: 'none', changed: [] })
    })
  }
}

test('the strongest effect of several changes counts', () => {
  const { effect, changed } = changeOptions(watcher(), { numprocesses: 2, cmd: 'other', priority: 1 })
  assert.deepEqual([effect, changed], ['replace', ['cmd', 'numprocesses', 'priority']])
  assert.equal(changeOptions(watcher(), { numprocesses: 2, priority: 1 }).effect, 'resize')
})

test('setting what is already so changes nothing', () => {
  const { effect, changed } = changeOptions(watcher(), { numprocesses: '1', cmd: 'sleep 1', send_hup: 'no' })
  assert.deepEqual([effect, changed], ['none', []])
})

test('an object sets a whole group, except that hooks are added', () => {
  const current = watcher({
    env: { A: '1', B: '2' },
    hooks: { before_start: 'a:b' },
    'stdout_stream.class': 'X',
    rlimit_nofile: 5,
  })
  const { config, changed } = changeOptions(current, {
    env: { B: '3', C: '4' },
    hooks: { after_stop: 'c:d, true' },
    stdout_stream: { filename: 'f' },
    rlimits: { core: null },
  })
  assert.deepEqual(config.options.env, { B: '3', C: '4' })
  assert.deepEqual(config.options.hooks, { before_start: ['a:b', false], after_stop: ['c:d', true] })
  assert.deepEqual(config.options.stdout_stream, { filename: 'f' })
  assert.deepEqual(config.options.rlimits, { core: 'unlimited' })
  assert.deepEqual(changed, [
    'env.A',
    'env.B',
    'env.C',
    'hooks.after_stop',
    'rlimit_core',
    'rlimit_nofile',
    'stdout_stream.class',
    'stdout_stream.filename',
  ])
})

test("the original client's text for an environment is understood", () => {
  assert.deepEqual(changeOptions(watcher(), { env: 'A=1, B=x=y' }).config.options.env, { A: '1', B: 'x=y' })
  assert.throws(() => changeOptions(watcher(), { env: 'A' }), { code: 'ERR_OPTION_INVALID' })
})

test('null takes an option back', () => {
  const current = watcher({ uid: 'nobody', env: { A: '1' }, 'x.y': 1, hooks: { before_start: 'a:b' } })
  const { config } = changeOptions(current, { uid: null, 'env.A': null, 'x.y': null, 'hooks.before_start': null })
  assert.deepEqual(config.options, watcher().options)
  assert.deepEqual(config.origins, watcher().origins)
})

test('nothing is applied when one of several changes is wrong', () => {
  const current = watcher()
  const before = structuredClone(current)
  const wrong: [Record<string, unknown>, string][] = [
    [{ numprocesses: 2, signleton: true }, 'ERR_OPTION_UNKNOWN'],
    [{ numprocesses: 2, 'hooks.befor_start': 'x' }, 'ERR_OPTION_UNKNOWN'],
    [{ numprocesses: 2, rlimit_files: 1 }, 'ERR_OPTION_UNKNOWN'],
    [{ numprocesses: 2, priority: 'high' }, 'ERR_OPTION_INVALID'],
    [{ numprocesses: 2, env: ['A=1'] }, 'ERR_OPTION_INVALID'],
    [{ numprocesses: 2, env: { A: {} } }, 'ERR_OPTION_INVALID'],
    [{ numprocesses: 2, rlimit_nofile: [5] }, 'ERR_OPTION_INVALID'],
    [{ numprocesses: 2, send_hup: [true] }, 'ERR_OPTION_INVALID'],
    [{ numprocesses: 2, uid: 1.5 }, 'ERR_OPTION_INVALID'],
    [{ numprocesses: 2, cmd: 'a\0b' }, 'ERR_OPTION_INVALID'],
    [{ numprocesses: 2, args: ['a\0b'] }, 'ERR_OPTION_INVALID'],
    [{ numprocesses: 2, 'env.A': 'a\0b' }, 'ERR_OPTION_INVALID'],
    [{ numprocesses: 2, singleton: true }, 'ERR_WATCHER_INVALID'],
    [{ numprocesses: 2, cmd: ' ' }, 'ERR_WATCHER_INVALID'],
    [{ numprocesses: 2, cmd: "a 'b" }, 'ERR_WATCHER_INVALID'],
    [{ numprocesses: 2, copy_env: false, copy_path: true }, 'ERR_WATCHER_INVALID'],
  ]
  for (const [changes, code] of wrong) {
    assert.throws(() => changeOptions(current, changes), { code, name: 'KernelError' }, JSON.stringify(changes))
    assert.deepEqual(current, before)
  }
})

test('an unknown option is refused with the name that was probably meant', () => {
  assert.throws(() => changeOptions(watcher(), { command: 'x' }), {
    message: "unknown key 'command'; did you mean 'cmd'?",
  })
})

test('add takes text and JSON, a list of arguments, and options of plugins', () => {
  const { name, options, origins } = watcherFromApi('Web 1', {
    cmd: 'node',
    args: ['a b', 1],
    options: { numprocesses: '2', shell: 'no', stop_signal: 9, env: { A: 1 }, 'flapping.window': 2 },
  })
  assert.equal(name, 'Web 1')
  assert.deepEqual([options.args, options.numprocesses, options.stop_signal], [['a b', '1'], 2, 9])
  assert.deepEqual([options.env, options.options], [{ A: '1' }, { 'flapping.window': '2' }])
  assert.deepEqual(origins['numprocesses'], { file: 'API', line: 0 })
})

test('add refuses a watcher without a command or with a name that is none', () => {
  assert.throws(() => watcherFromApi('w', {}), { code: 'ERR_WATCHER_INVALID' })
  for (const name of ['', '  ', 'a\nb', 'a\0b']) {
    assert.throws(() => watcherFromApi(name, { cmd: 'a' }), { code: 'ERR_WATCHER_INVALID' }, JSON.stringify(name))
  }
  assert.throws(() => watcherFromApi('w', { cmd: ['a'] }), { code: 'ERR_OPTION_INVALID' })
})

test('names that objects have by nature do no harm in requests', () => {
  const options = JSON.parse('{"env":{"__proto__":"1"},"a.__proto__":"2","hooks":{}}')
  const config = watcherFromApi('__proto__', { cmd: 'a', options })
  assert.deepEqual(Object.entries(config.options.env), [['__proto__', '1']])
  assert.deepEqual(config.options.options, { 'a.__proto__': '2' })
  const unnatural = JSON.parse('{"__proto__": "x"}')
  assert.throws(() => changeOptions(config, unnatural), { code: 'ERR_OPTION_UNKNOWN' })
  assert.throws(() => changeOptions(config, { constructor: 1 }), { code: 'ERR_OPTION_UNKNOWN' })
  assert.throws(() => changeOptions(config, { 'hooks.constructor': 'x' }), { code: 'ERR_OPTION_UNKNOWN' })
})

test('options and get answer every option by its name in the ini', () => {
  const flat = flattenOptions(
    watcher({ rlimit_core: null, 'stdout_stream.class': 'X', 'hooks.after_stop': 'a:b', 'x.y': 1, env: { A: '1' } }),
  )
  assert.equal(flat['cmd'], 'sleep 1')
  assert.equal(flat['rlimit_core'], 'unlimited')
  assert.equal(flat['stdout_stream.class'], 'X')
  assert.deepEqual(flat['stdout_stream_conf'], { class: 'X' })
  assert.deepEqual(flat['stderr_stream_conf'], {})
  assert.deepEqual(flat['hooks.after_stop'], ['a:b', false])
  assert.equal(flat['x.y'], '1')
  assert.deepEqual(flat['env'], { A: '1' })
  assert.equal(flat['working_dir'], process.cwd())
  for (const name of [
    'numprocesses',
    'warmup_delay',
    'uid',
    'gid',
    'send_hup',
    'stop_signal',
    'max_retry',
    'respawn',
  ]) {
    assert.ok(name in flat, name)
  }
  assert.ok(!('options' in flat) && !('rlimits' in flat) && !('hooks' in flat))
})
