import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorsOf, readText, warningsOf } from './config-folder.ts'

/** Every option that is one value: something it takes, as read, and something it does not take. */
const rows: readonly (readonly [name: string, text: string, value: unknown, ...wrong: string[]])[] = [
  ['args', '-v "a b"', '-v "a b"'],
  ['shell', 'yes', true, 'bash'],
  ['executable', '/bin/true', '/bin/true'],
  ['numprocesses', '4', 4, '-1', '1.5', 'four', '', '0x10'],
  ['singleton', 'on', true, 'one'],
  ['working_dir', '/tmp', '/tmp'],
  ['uid', 'nobody', 'nobody', '-1', 'two words', '4294967295'],
  ['gid', '65534', 65534, '-1', 'a:b'],
  ['copy_env', '1', true, '2'],
  ['warmup_delay', '0.5', 0.5, '-1', 'soon', '1s', ''],
  ['max_retry', '-1', -1, '-2', '1.5', 'ever'],
  ['graceful_timeout', '25.5', 25.5, '-1', 'inf', 'nan'],
  ['stop_signal', 'sigquit', 3, 'SIGNONE', '0', '65', ''],
  ['stop_children', 'true', true, 'all'],
  ['send_hup', 'true', true, 'hup'],
  ['priority', '-3', -3, 'high', '1.5'],
  ['autostart', 'no', false, 'later'],
  ['respawn', 'off', false, 'never'],
  ['max_age', '600', 600, '-1', 'old'],
  ['max_age_variance', '60', 60, '-1', 'some'],
  ['respawn_delay', '.2', 0.2, '-1', 'short'],
  ['respawn_delay_max', '1e1', 10, '-1', 'long'],
  ['use_sockets', 'true', true, 'web'],
  ['on_demand', 'true', true, 'always'],
  ['close_child_stdin', 'false', false, 'stdin'],
  ['close_child_stdout', 'true', true, 'stdout'],
  ['close_child_stderr', 'true', true, 'stderr'],
]

for (const [name, text, value, ...wrong] of rows) {
  test(`${name} is read, says where it was written, and refuses what it does not take`, async () => {
    const { watchers } = await readText(`[watcher:w]\ncmd = true\n\n${name} = ${text}\n`)
    assert.deepEqual(watchers[0]!.options[name as keyof (typeof watchers)[0]['options']], value)
    assert.equal(watchers[0]!.origins[name]!.line, 4)
    assert.equal(watchers[0]!.origins[name]!.text, text)
    for (const bad of wrong) {
      const errors = await errorsOf(`[watcher:w]\ncmd = true\n\n${name} = ${bad}\n`)
      assert.equal(errors.length, 1, bad)
      assert.ok(errors[0]!.startsWith(`4: [watcher:w] ${name} = ${bad}: must be `), errors[0])
    }
  })
}

test('what is not set has its default', async () => {
  const { watchers } = await readText('[watcher:w]\ncmd = true\n')
  assert.deepEqual(watchers[0]!.options, {
    cmd: 'true',
    args: '',
    shell: false,
    shell_args: null,
    executable: null,
    numprocesses: 1,
    singleton: false,
    working_dir: null,
    uid: null,
    gid: null,
    copy_env: false,
    copy_path: false,
    virtualenv: null,
    virtualenv_py_ver: '3.11',
    warmup_delay: 0,
    max_retry: 5,
    graceful_timeout: 30,
    stop_signal: 15,
    stop_children: false,
    send_hup: false,
    priority: 0,
    autostart: true,
    respawn: true,
    max_age: 0,
    max_age_variance: 30,
    respawn_delay: 0.1,
    respawn_delay_max: 30,
    use_sockets: false,
    sockets: [],
    stdin_socket: null,
    on_demand: false,
    close_child_stdin: true,
    close_child_stdout: false,
    close_child_stderr: false,
    env: {},
    rlimits: {},
    stdout_stream: {},
    stderr_stream: {},
    hooks: {},
    options: {},
  })
})

test('limits are numbers or unlimited, and an unknown one is an error with the nearest', async () => {
  const { watchers } = await readText(
    '[watcher:w]\ncmd = a\nrlimit_nofile = 500\nrlimit_CORE =\nrlimit_as = -1\nrlimit_nproc = unlimited\nrlimit_data = 18446744073709551615\n',
  )
  assert.deepEqual(watchers[0]!.options.rlimits, {
    nofile: 500,
    core: 'unlimited',
    as: 'unlimited',
    nproc: 'unlimited',
    data: 'unlimited',
  })
  assert.deepEqual(await errorsOf('[watcher:w]\ncmd = a\nrlimit_nofiles = 5\nrlimit_core = big\nrlimit_cpu = -2\n'), [
    '3: [watcher:w] rlimit_nofiles = 5: no such name; did you mean rlimit_nofile?',
    '4: [watcher:w] rlimit_core = big: must be a whole number, 0 or more, or empty for unlimited',
    '5: [watcher:w] rlimit_cpu = -2: must be a whole number, 0 or more, or empty for unlimited',
  ])
})

test('hooks have a target and perhaps a flag; their names are checked', async () => {
  const { watchers } = await readText(
    '[watcher:w]\ncmd = a\nhooks.before_start = ./h.ts:go\nhooks.after_stop = pkg:fn , yes\nhooks.before_spawn = exec:echo a,b\nhooks.after_spawn = exec:echo a,b,true\n',
  )
  assert.deepEqual(watchers[0]!.options.hooks, {
    before_start: ['./h.ts:go', false],
    after_stop: ['pkg:fn', true],
    before_spawn: ['exec:echo a,b', false],
    after_spawn: ['exec:echo a,b', true],
  })
  const errors = await errorsOf(
    '[watcher:w]\ncmd = a\nhooks.befor_start = x\nhooks.on_fire = y\nhooks.before_stop = x, 7\nhooks.after_stop =\n',
  )
  assert.equal(errors[0], '3: [watcher:w] hooks.befor_start = x: no such name; did you mean hooks.before_start?')
  assert.match(
    errors[1]!,
    /^4: .*hooks\.on_fire = y: no such name; known are hooks\.before_start, .*hooks\.extended_stats$/,
  )
  assert.match(errors[2]!, /^5: .*hooks\.before_stop = x, 7: must be /)
  assert.match(errors[3]!, /^6: .*hooks\.after_stop = : must be /)
})

test('unknown options are kept and warned about with the known name they resemble', async () => {
  const mistakes = {
    signleton: 'singleton',
    command: 'cmd',
    numprocs: 'numprocesses',
    NumProcesses: 'numprocesses',
    directory: 'working_dir',
    user: 'uid',
    graceful_timout: 'graceful_timeout',
    'stop-signal': 'stop_signal',
    virtual_env: 'virtualenv',
    stdout_logfile: 'stdout_stream.filename',
    'stdout_steam.class': 'stdout_stream.class',
    'hook.before_start': 'hooks.before_start',
    'flaping.window': 'flapping.window',
  }
  for (const [mistake, meant] of Object.entries(mistakes)) {
    const text = `[watcher:w]\ncmd = true\n${mistake} = 1\n`
    assert.deepEqual(await warningsOf(text), [`3: [watcher:w] ${mistake} = 1: unknown option; did you mean ${meant}?`])
    assert.deepEqual((await readText(text)).watchers[0]!.options.options, { [mistake]: '1' })
  }
})

test('unknown options that belong elsewhere are told where', async () => {
  const warnings = await warningsOf(
    '[watcher:w]\ncmd = a\nloglevel = info\nMALLOC_ARENA_MAX = 2\nenv = A=1\ncompletely_else = 1\nuse_papa = 1\n[circus]\nnumprocesses = 2\nendpiont = x\nloggerconfig = y\n',
  )
  assert.deepEqual(warnings, [
    '3: [watcher:w] loglevel = info: unknown option; loglevel belongs in [circus]',
    '4: [watcher:w] MALLOC_ARENA_MAX = 2: unknown option; environment variables belong in an [env:NAME] section',
    '5: [watcher:w] env = A=1: has no effect; write a section [env:w]',
    '6: [watcher:w] completely_else = 1: unknown option; it is kept for plugins',
    '7: [watcher:w] use_papa = 1: unknown option; papa is not supported; it has no effect',
    '9: [circus] numprocesses = 2: unknown option; numprocesses belongs in [watcher:NAME]',
    '10: [circus] endpiont = x: unknown option; did you mean endpoint?',
    '11: [circus] loggerconfig = y: unknown option; it has no effect; use loglevel and logoutput',
  ])
})

test('options with a prefix of somebody else are kept without a word', async () => {
  const config = await readText('[watcher:w]\ncmd = a\nflapping.window = 3\nmine.x = 1\n')
  assert.deepEqual(config.watchers[0]!.options.options, { 'flapping.window': '3', 'mine.x': '1' })
  assert.deepEqual(config.warnings, [])
})

test('options that contradict each other are errors', async () => {
  assert.deepEqual(
    await errorsOf(
      [
        '[watcher:a]\ncmd = a\nsingleton = yes\nnumprocesses = 2\n',
        '[watcher:b]\nargs = x\n',
        '[watcher:c]\ncmd = a\ncopy_path = yes\nvirtualenv = /v\n',
        '[watcher:d]\ncmd = a "b\n',
        '[watcher:e]\ncmd = a\nstdin_socket = wbe\n',
        '[watcher:f]\ncmd = a\nuse_sockets = on\nsockets = WEB, wbe\n',
        '[socket:web]\nport = 0\n',
      ].join(''),
    ),
    [
      '4: [watcher:a] numprocesses: 2, but a singleton has at most one process; write numprocesses = 1 or singleton = false',
      '5: [watcher:b] cmd: is missing; write cmd = PROGRAM ARGUMENTS',
      '9: [watcher:c] copy_path: needs copy_env = true',
      '10: [watcher:c] virtualenv: needs copy_env = true',
      '12: [watcher:d] cmd: a "b: the quotation that begins with "b is not closed',
      '15: [watcher:e] stdin_socket = wbe: no such socket; did you mean web?',
      '19: [watcher:f] sockets = web, wbe: wbe: no such socket; did you mean web?',
    ],
  )
})

test('a contradiction with a value that is wrong itself is not told', async () => {
  const errors = await errorsOf(
    '[watcher:a]\ncmd = a\ncopy_path = yes\ncopy_env = ja\nsingleton = yes\nnumprocesses = 2\n',
  )
  assert.equal(errors.length, 2)
  assert.match(errors[0]!, /^4: .*copy_env = ja/)
  assert.match(errors[1]!, /^6: .*numprocesses: 2, but a singleton/)
})

test('watchers, and sockets, whose names differ only in case collide', async () => {
  const errors = await errorsOf(
    '[watcher:Web]\ncmd = a\n[watcher:web]\ncmd = a\n[socket:S]\nport = 0\n[socket:s]\nport = 0\n',
  )
  assert.match(errors[0]!, /^3: \[watcher:web\]: the name is taken by \[watcher:Web\] at .*circus\.ini:1; rename one$/)
  assert.match(errors[1]!, /^7: \[socket:s\]: the name is taken by \[socket:S\] at .*circus\.ini:5; rename one$/)
})

test('a command that refers to a socket it will not have is warned about', async () => {
  const warnings = await warningsOf(
    '[socket:web]\nport = 0\n[watcher:a]\ncmd = x --fd $(circus.sockets.wbe)\nuse_sockets = 1\n[watcher:b]\ncmd = x\nargs = ((circus.sockets.WEB))\n',
  )
  assert.deepEqual(warnings, [
    '4: [watcher:a] cmd: $(circus.sockets.wbe): no such socket; did you mean web?',
    '8: [watcher:b] args: ((circus.sockets.WEB)): the process only gets it with use_sockets = true',
  ])
})
