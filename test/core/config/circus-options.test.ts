import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeConfig } from '../../../core/config/index.ts'
import type { CircusOptions } from '../../../core/config/types.ts'
import { errorsOf, readText, warningsOf } from './config-folder.ts'

/** Every option of [circus]: something it takes, as read, and something it does not take. */
const rows: readonly (readonly [name: keyof CircusOptions, text: string, value: unknown, ...wrong: string[]])[] = [
  [
    'endpoint',
    'ipc:///run/circus.sock',
    'ipc:///run/circus.sock',
    'localhost:5555',
    'tcp://127.0.0.1',
    'http://x:1',
    '',
  ],
  ['pubsub_endpoint', 'tcp://[::1]:5556', 'tcp://[::1]:5556', 'tcp://:'],
  ['stats_endpoint', 'tcp://127.0.0.1:*', 'tcp://127.0.0.1:*', 'none'],
  ['multicast_endpoint', 'udp://237.219.251.97:12027', 'udp://237.219.251.97:12027', 'udp://10.0.0.1:1', 'udp://x'],
  ['endpoint_owner', 'nobody', 'nobody'],
  ['endpoint_mode', '0660', 0o660, 'rw'],
  ['auth', 'CURVE', 'curve', 'tls'],
  ['allow_insecure', 'true', true, 'sure'],
  ['check_delay', '-1', -1, 'often'],
  ['warmup_delay', '0.5', 0.5, '-1'],
  ['statsd', '1', true, 'statsd'],
  ['statsd_close_outputs', '1', true, 'x'],
  ['httpd', 'True', true, 'x'],
  ['httpd_host', '0.0.0.0', '0.0.0.0'],
  ['httpd_port', '0', 0, '65536', '-1', 'http'],
  ['httpd_socket', 'console', 'console'],
  ['httpd_url_prefix', '/circus', '/circus'],
  ['httpd_auth', 'users', 'users', 'basic'],
  ['httpd_users', 'users', 'users'],
  ['httpd_allowed_hosts', 'a.example b.example', 'a.example b.example'],
  ['httpd_close_outputs', '1', true, 'x'],
  ['debug', 'on', true, 'much'],
  ['debug_gc', 'on', true, 'much'],
  ['pidfile', 'circus.pid', 'circus.pid'],
  ['umask', '022', 0o22, '8', '77777', 'u=rwx'],
  ['loglevel', 'WARNING', 'warning'],
  ['logoutput', 'syslog://localhost:514?daemon', 'syslog://localhost:514?daemon'],
  ['proc_name', 'boss', 'boss'],
]

for (const [name, text, value, ...wrong] of rows) {
  test(`[circus] ${name} is read, says where it was written, and refuses what it does not take`, async () => {
    const { circus, origins } = await readText(`[circus]\n${name} = ${text}\n`)
    assert.deepEqual(circus[name], value)
    assert.equal(origins[name]!.line, 2)
    for (const bad of wrong) {
      const errors = await errorsOf(`[circus]\n${name} = ${bad}\n`)
      assert.equal(errors.length, 1, bad)
      assert.ok(errors[0]!.startsWith(`2: [circus] ${name} = ${bad}: must be `), errors[0])
    }
  })
}

test('what [circus] does not set has its default', async () => {
  const { circus, origins } = await readText('')
  assert.deepEqual(origins, {})
  assert.deepEqual(circus, {
    endpoint: 'tcp://127.0.0.1:5555',
    pubsub_endpoint: 'tcp://127.0.0.1:5556',
    stats_endpoint: 'tcp://127.0.0.1:5557',
    multicast_endpoint: null,
    endpoint_owner: null,
    endpoint_mode: 0o600,
    auth: 'none',
    server_key: null,
    client_keys: null,
    allow_insecure: false,
    check_delay: 5,
    warmup_delay: 0,
    statsd: false,
    statsd_close_outputs: false,
    httpd: false,
    httpd_host: 'localhost',
    httpd_port: 8080,
    httpd_socket: null,
    httpd_url_prefix: '',
    httpd_auth: null,
    httpd_users: null,
    httpd_allowed_hosts: '',
    httpd_close_outputs: false,
    debug: false,
    debug_gc: false,
    pidfile: null,
    umask: null,
    loglevel: null,
    logoutput: null,
    proc_name: 'circusd',
  })
})

test('setting stats_endpoint turns statsd on, whatever statsd says', async () => {
  const { circus } = await readText('[circus]\nstatsd = false\nstats_endpoint = tcp://127.0.0.1:1\n')
  assert.equal(circus.statsd, true)
})

test('a log level nobody knows is only warned about, as the original takes its default then', async () => {
  const text = '[circus]\nloglevel = chatty\n'
  assert.equal((await readText(text)).circus.loglevel, null)
  assert.deepEqual(await warningsOf(text), [
    '2: [circus] loglevel = chatty: must be one of debug, info, warning, error, critical, or empty; the default is used',
  ])
})

test('sockets have lower-case names and typed options', async () => {
  const { sockets } = await readText(
    '[socket:unix]\npath = /run/x.sock\numask = 0177\nreplace = on\ntype = sock_dgram\n' +
      '[socket:Web]\nhost = 0.0.0.0\nport = 0\nbacklog = 5\nso_reuseport = yes\nproto = tcp\n',
  )
  assert.deepEqual(
    sockets.map(({ name, options }) => [name, options]),
    [
      [
        'unix',
        {
          host: 'localhost',
          port: 8080,
          family: 'AF_UNIX',
          type: 'SOCK_DGRAM',
          proto: null,
          path: '/run/x.sock',
          umask: 0o177,
          replace: true,
          backlog: 2048,
          so_reuseport: false,
          interface: null,
          blocking: false,
          fd: null,
        },
      ],
      [
        'web',
        {
          host: '0.0.0.0',
          port: 0,
          family: 'AF_INET',
          type: 'SOCK_STREAM',
          proto: 'tcp',
          path: null,
          umask: null,
          replace: false,
          backlog: 5,
          so_reuseport: true,
          interface: null,
          blocking: false,
          fd: null,
        },
      ],
    ],
  )
})

test('wrong socket options are errors, unknown ones warnings', async () => {
  const errors = await errorsOf(
    '[socket:a]\nport = http\nfamily = AF_X\ntype = TCP\nbacklog = -1\nreplace = x\nblocking = x\n[socket:b]\nfamily = AF_UNIX\n',
  )
  assert.deepEqual(
    errors.map((error) => error.replace(/: must.*|; an.*/, '')),
    [
      '2: [socket:a] port = http',
      '3: [socket:a] family = AF_X',
      '4: [socket:a] type = TCP',
      '5: [socket:a] backlog = -1',
      '6: [socket:a] replace = x',
      '7: [socket:a] blocking = x',
      '9: [socket:b] path: is missing',
    ],
  )
  assert.deepEqual(await warningsOf('[socket:a]\nprot = 5\nuse_papa = 1\n[socket:b]\npath = /x\nfamily = AF_INET\n'), [
    '2: [socket:a] prot = 5: unknown option; did you mean port?',
    '3: [socket:a] use_papa = 1: unknown option; it has no effect',
    '6: [socket:b] family = AF_INET: a socket with a path is AF_UNIX',
  ])
})

test('a colon in the name of a socket is warned of', async () => {
  assert.deepEqual(await warningsOf('[socket:a:b]\nport = 0\n'), [
    '1: [socket:a:b]: LISTEN_FDNAMES has a colon between names: programs read two',
  ])
})

test('two sockets cannot have one file, and one that is handed down needs none', async () => {
  const text =
    '[socket:a]\npath = x.sock\n[socket:b]\npath = ./x.sock\nreplace = yes\n[socket:c]\nfd = 3\nfamily = AF_UNIX\n'
  assert.deepEqual(await errorsOf(text), ['4: [socket:b] path: [socket:a] has the same'])
})

test('plugins keep their own options as text; inactive ones are left out', async () => {
  const { plugins, warnings } = await readText(
    '[plugin:flapping]\nattempts = 3\npriority = 2\nisolate = yes\n[plugin:off]\nactive = no\n' +
      '[plugin:mine]\nuse = ./mine.ts\n[plugin:old]\nuse = circus.plugins.statsd.FullStats\n',
  )
  assert.deepEqual(warnings, [])
  assert.deepEqual(
    plugins.map(({ origin, ...rest }) => rest),
    [
      { name: 'flapping', use: 'flapping', isolate: true, priority: 2, options: { attempts: '3' } },
      { name: 'mine', use: './mine.ts', isolate: false, priority: 0, options: {} },
      { name: 'old', use: 'circus.plugins.statsd.FullStats', isolate: false, priority: 0, options: {} },
    ],
  )
  assert.equal((await errorsOf('[plugin:p]\npriority = high\nisolate = x\nactive = x\n')).length, 3)
})

test('a plugin that is a Python class of somebody else reads, with a warning', async () => {
  const [warning] = await warningsOf('[plugin:p]\nuse = tsuru.plugins.ProcfileWatcher\n')
  assert.match(warning!, /^2: \[plugin:p\] use = tsuru\.plugins\.ProcfileWatcher: a Python class cannot be loaded here/)
})

test('--check --json shows names as in the ini, masks in octal and lists by name', async () => {
  const config = await readText(
    '[circus]\numask = 2\nloglevel = INFO\n[watcher:b]\ncmd = b\nrlimit_core =\nhooks.after_stop = x, true\nz.y = 1\n' +
      '[watcher:a]\ncmd = a\n[plugin:p]\nlevel = 2\n[socket:s]\npath = /s\numask = 7\n[env:b]\nX = $Y\n',
  )
  const shown = JSON.parse(JSON.stringify(describeConfig(config, [{ message: 'm', file: 'f', line: 1 }])))
  assert.deepEqual(Object.keys(shown), ['circus', 'watchers', 'sockets', 'plugins', 'warnings'])
  assert.deepEqual([shown.circus.umask, shown.circus.loglevel, shown.circus.pidfile], ['002', 'INFO', null])
  assert.deepEqual(
    shown.watchers.map(({ name }: { name: string }) => name),
    ['a', 'b'],
  )
  const { env, rlimits, hooks, options, stop_signal } = shown.watchers[1]
  assert.deepEqual(
    [env, rlimits, hooks, options, stop_signal],
    [{ X: '$Y' }, { core: 'unlimited' }, { after_stop: ['x', true] }, { 'z.y': '1' }, 15],
  )
  assert.deepEqual(shown.plugins, [{ name: 'p', use: 'p', isolate: false, priority: 0, level: '2' }])
  assert.equal(shown.sockets[0].umask, '007')
  assert.deepEqual(shown.warnings, [{ message: 'm', file: 'f', line: 1 }])
})
