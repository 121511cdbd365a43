import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startArbiter } from '../../harness/index.ts'
import { rawClient } from '../channel/raw-client.ts'

type Properties = Record<string, unknown>
type Reply = Record<string, unknown>

const ini = `
  [watcher:Web]
  cmd = sleep 60
  numprocesses = 2
  priority = 1
  [watcher:db]
  cmd = sleep 60
  singleton = true
  [watcher:off]
  cmd = sleep 60
  autostart = false
  env.GREETING = hello
`.replaceAll(/^ +/gm, '')

/** A daemon, and a client that puts on the wire what the original's client does. Replies come without `time` and `id`. */
async function channel() {
  await using stack = new AsyncDisposableStack()
  const running = stack.use(await startArbiter(ini))
  const client = stack.adopt(rawClient(running.arbiter.endpoints.control), (raw) => raw.close())
  let count = 0
  const send = async (request: object): Promise<Reply> => {
    const id = `request-${++count}`
    const { time, id: echoed, ...fields } = await client.ask({ id, ...request })
    assert.equal(echoed, id)
    assert.ok(typeof time === 'number' && Math.abs(time - Date.now() / 1000) < 60)
    return fields
  }
  const ask = (command: string, properties?: Properties) => send({ command, properties })
  const pids = (name: string) => running.arbiter.watcher(name).pids
  const kept = stack.move()
  return { ...running, client, send, ask, pids, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

const ok = (fields: Reply = {}): Reply => ({ status: 'ok', ...fields })

/** What the original answers to wrong input: its number, and its words as far as they go. */
const refusals: [command: string, properties: Properties, errno: number, reason: string | RegExp][] = [
  ['NoSuch', {}, 2, "unknown command: 'NoSuch'"],
  ["it's", {}, 2, `unknown command: "it's"`],
  ['listen', {}, 3, /^invalid message\. use a pub\/sub socket/],
  ...['add', 'decr', 'get', 'incr', 'kill', 'options', 'rm', 'set', 'signal'].map(
    (command) => [command, {}, 3, "message invalid 'name' is missing"] as [string, Properties, number, string],
  ),
  ...['decr', 'incr', 'kill', 'list', 'numprocesses', 'options', 'reload', 'restart', 'rm', 'start', 'stats'].map(
    (command) => [command, { name: 'Nobody' }, 3, 'program Nobody not found'] as [string, Properties, number, string],
  ),
  ['status', { name: 'Nobody' }, 3, 'program Nobody not found'],
  ['stop', { name: 'Nobody' }, 3, 'program Nobody not found'],
  ['stop', { name: 'no*' }, 3, 'program no* not found'],
  ['status', { name: '' }, 3, 'program  not found'],
  ['options', { name: '' }, 3, 'program  not found'],
  ['get', { name: 'Nobody', keys: [] }, 3, 'program Nobody not found'],
  ['set', { name: 'Nobody', options: {} }, 3, 'program Nobody not found'],
  ['signal', { name: 'Nobody', signum: 15 }, 3, 'program Nobody not found'],
  ['add', { name: 'new' }, 3, "message invalid 'cmd' is missing"],
  ['add', { name: 'web', cmd: 'sleep 1' }, 5, "'web' already exist"],
  ['add', { name: 'new', cmd: 'a', options: [] }, 3, "'options' property should be an object"],
  ['add', { name: 'new', cmd: 'a', options: { nonsense: 1 } }, 3, "unknown key 'nonsense'"],
  ['add', { name: 'new', cmd: 'a', options: { singleton: true, numprocesses: 2 } }, 5, /singleton/],
  ['add', { name: 'new', cmd: 'a', options: { copy_path: true } }, 5, /copy_env/],
  ['get', { name: 'web' }, 3, "message invalid 'keys' is missing"],
  ['get', { name: 'web', keys: ['cmd', 'nonsense'] }, 3, "'nonsense' option not found"],
  ['globaloptions', { option: 'nonsense' }, 3, "'nonsense' not an existing option"],
  ['set', { name: 'web' }, 3, "message invalid 'options' is missing"],
  ['set', { name: 'web', options: 'cmd' }, 3, "'options' property should be an object"],
  ['set', { name: 'web', options: null }, 3, "'options' property should be an object"],
  ['set', { name: 'web', options: { nonsense: 1 } }, 3, "unknown key 'nonsense'"],
  ['set', { name: 'web', options: { numproceses: 1 } }, 3, /^unknown key 'numproceses'/],
  ['set', { name: 'web', options: { numprocesses: 'x' } }, 3, /^'numprocesses' isn't an integer/],
  ['set', { name: 'web', options: { max_retry: 1.5 } }, 3, /^'max_retry' isn't an integer/],
  ['set', { name: 'web', options: { graceful_timeout: 'x' } }, 3, /^'graceful_timeout' isn't a number/],
  ['set', { name: 'web', options: { warmup_delay: [] } }, 3, /^'warmup_delay' isn't a number/],
  ['set', { name: 'web', options: { uid: [] } }, 3, /^'uid' isn't an integer or string/],
  ['set', { name: 'web', options: { shell: 'perhaps' } }, 3, /^'shell' isn't a valid boolean/],
  ['set', { name: 'web', options: { send_hup: 7 } }, 3, /^'send_hup' isn't a valid boolean/],
  ['set', { name: 'web', options: { env: 7 } }, 3, /^'env' isn't a valid object/],
  ['set', { name: 'web', options: { stdout_stream: 7 } }, 3, /^'stdout_stream' isn't a valid object/],
  ['set', { name: 'web', options: { rlimit_nothing: 7 } }, 3, /^'rlimit_nothing' isn't a valid rlimit setting/],
  ['set', { name: 'db', options: { numprocesses: 2 } }, 5, /singleton/],
  ['signal', { name: 'web' }, 3, "message invalid 'signum' is missing"],
  ['signal', { name: 'web', signum: '!' }, 3, 'signal invalid'],
  ['kill', { name: 'web', signum: '!' }, 3, 'signal invalid'],
  ['signal', { name: 'web', signum: 15, childpid: 1 }, 3, 'cannot specify childpid without pid'],
  ['stats', { name: 'Web', process: 1 }, 3, "process 1 not found in 'Web'"],
  ['start', { name: 'web', match: 'magic' }, 3, 'unknown match method magic'],
  ['stop', { name: 'eb', match: 'regex' }, 3, 'program eb not found'],
]

test('wrong input is refused in the words of the original, and changes nothing', async () => {
  await using daemon = await channel()
  const before = [daemon.pids('web'), daemon.pids('db')]
  for (const [command, properties, errno, reason] of refusals) {
    const reply = await daemon.ask(command, properties)
    const shown = `${command} ${JSON.stringify(properties)}: ${JSON.stringify(reply)}`
    assert.equal(reply['status'], 'error', shown)
    assert.equal(reply['errno'], errno, shown)
    assert.equal(reply['tb'], null, shown)
    if (typeof reason === 'string') assert.equal(reply['reason'], reason, shown)
    else assert.match(String(reply['reason']), reason, shown)
  }
  assert.deepEqual([daemon.pids('web'), daemon.pids('db')], before)
})

test('what is not JSON is answered with a null id, as the original does', async () => {
  await using daemon = await channel()
  await daemon.client.send('{"command": ')
  const { time, ...reply } = await daemon.client.receive()
  assert.deepEqual(
    { ...reply, code: undefined },
    { status: 'error', reason: 'json invalid', tb: null, errno: 1, id: null, code: undefined },
  )
})

test('questions are answered with the fields of the original', async () => {
  await using daemon = await channel()
  const { ask, arbiter } = daemon
  const [first, second] = daemon.pids('web')
  const cases: [command: string, properties: Properties | undefined, reply: Reply][] = [
    ['list', undefined, ok({ watchers: ['db', 'off', 'web'] })],
    ['LIST', {}, ok({ watchers: ['db', 'off', 'web'] })],
    ['list', { name: 'WEB' }, ok({ pids: [first, second] })],
    ['list', { name: 'off' }, ok({ pids: [] })],
    ['status', { name: 'WEB' }, { status: 'active' }],
    ['status', { name: 'off' }, { status: 'stopped' }],
    ['numwatchers', {}, ok({ numwatchers: 3 })],
    ['numprocesses', {}, ok({ numprocesses: 3 })],
    ['numprocesses', { name: 'WEB' }, ok({ numprocesses: 2, watcher_name: 'WEB' })],
    ['get', { name: 'web', keys: ['numprocesses', 'cmd'] }, ok({ options: { numprocesses: 2, cmd: 'sleep 60' } })],
    ['get', { name: 'web', keys: [] }, ok({ options: {} })],
    ['get', { name: 'web', keys: ['use_papa', 'singleton'] }, ok({ options: { use_papa: false, singleton: false } })],
    ['globaloptions', { option: 'check_delay' }, ok({ options: { check_delay: 5 } })],
    ['listsockets', {}, ok({ sockets: [] })],
  ]
  for (const [command, properties, expected] of cases) {
    const reply = await ask(command, properties)
    assert.deepEqual(reply, expected)
    if ('options' in expected) {
      assert.deepEqual(Object.keys(reply['options'] as object), Object.keys(expected['options'] as object))
    }
  }
  const { statuses, ...all } = await ask('status')
  assert.deepEqual(statuses, { Web: 'active', db: 'active', off: 'stopped' })
  assert.equal(all['status'], 'ok')
  for (const properties of [{}, { option: '' }]) {
    assert.deepEqual(
      await ask('globaloptions', properties),
      ok({
        options: {
          endpoint: arbiter.endpoints.control,
          stats_endpoint: 'tcp://127.0.0.1:5557',
          pubsub_endpoint: arbiter.endpoints.events,
          check_delay: 5,
          multicast_endpoint: null,
        },
      }),
    )
  }
})

test('options has every name of the original, with values of its types, sorted by name', async () => {
  await using daemon = await channel()
  const { options } = (await daemon.ask('options', { name: 'web' })) as { options: Properties }
  const original = {
    args: '',
    close_child_stderr: false,
    close_child_stdin: true,
    close_child_stdout: false,
    cmd: 'sleep 60',
    copy_env: false,
    env: {},
    executable: null,
    gid: null,
    graceful_timeout: 30,
    max_age: 0,
    max_age_variance: 30,
    max_retry: 5,
    numprocesses: 2,
    on_demand: false,
    priority: 1,
    respawn: true,
    send_hup: false,
    shell: false,
    shell_args: null,
    singleton: false,
    stderr_stream_conf: {},
    stdout_stream_conf: {},
    stop_children: false,
    stop_signal: 15,
    uid: null,
    use_papa: false,
    use_sockets: false,
    warmup_delay: 0,
    working_dir: process.env['PWD'] ?? process.cwd(),
  }
  assert.deepEqual(Object.fromEntries(Object.keys(original).map((name) => [name, options[name]])), original)
  assert.deepEqual(Object.keys(options), Object.keys(options).toSorted())
})

test('work is accepted at once, and told about when the client waits for it', async () => {
  await using daemon = await channel()
  const { ask, pids } = daemon
  const web = { name: 'web', waiting: true }
  const sorted = (name: string) => pids(name).toSorted((a, b) => a - b)
  let old = sorted('web')

  assert.deepEqual(await ask('start', web), ok({ info: { started: [], kept: old } }))
  assert.deepEqual(await ask('start', { name: 'web' }), ok())
  assert.deepEqual(await ask('restart', web), ok({ info: { started: sorted('web'), kept: [], stopped: old } }))
  old = sorted('web')
  assert.deepEqual(await ask('reload', web), ok({ info: { started: sorted('web'), kept: [], stopped: old } }))
  assert.deepEqual(await ask('stop', web), ok({ info: null }))
  assert.deepEqual(await ask('stop', web), ok({ info: null }))
  const woken = await ask('reload', web)
  assert.deepEqual(woken, ok({ info: { started: sorted('web'), kept: [], stopped: [] } }))
  assert.equal(pids('web').length, 2)
  assert.deepEqual(await ask('restart', { name: '*', waiting: true }), ok())
  assert.deepEqual(await ask('reload', { waiting: true, graceful: false, sequential: true }), ok())
  for (const command of ['stop', 'start', 'restart']) assert.deepEqual(await ask(command, { waiting: true }), ok())
})

test('the number of processes changes, but not that of a singleton', async () => {
  await using daemon = await channel()
  const { ask } = daemon
  assert.deepEqual(await ask('incr', { name: 'web', waiting: true }), ok({ numprocesses: 3 }))
  assert.deepEqual(await ask('incr', { name: 'web', nb: 2, waiting: true }), ok({ numprocesses: 5 }))
  assert.deepEqual(await ask('decr', { name: 'web', nb: 4, waiting: true }), ok({ numprocesses: 1 }))
  assert.deepEqual(await ask('decr', { name: 'web', nb: 4, waiting: true }), ok({ numprocesses: 0 }))
  for (const command of ['incr', 'decr']) {
    assert.deepEqual(await ask(command, { name: 'db', waiting: true }), ok({ numprocesses: 1, singleton: true }))
  }
})

test('watchers come, change and go', async () => {
  await using daemon = await channel()
  const { ask, pids, arbiter } = daemon
  assert.deepEqual(await ask('add', { name: 'New', cmd: 'sleep 60' }), ok())
  assert.deepEqual(await ask('status', { name: 'new' }), { status: 'stopped' })
  const started = await ask('add', { name: 'more', cmd: 'sleep', args: ['60'], start: true, waiting: true })
  assert.deepEqual(started, ok({ started: pids('more'), kept: [] }))
  assert.deepEqual(await ask('add', { name: 'last', cmd: 'sleep 60', start: true }), ok())
  assert.deepEqual(await ask('set', { name: 'new', options: { env: { A: 'b' }, numprocesses: 3 } }), ok())
  assert.deepEqual(arbiter.watcher('new').options.env, { A: 'b' })
  assert.deepEqual(await ask('set', { name: 'new', options: {}, waiting: true }), ok())
  assert.deepEqual(await ask('rm', { name: 'NEW' }), ok())
  assert.deepEqual(await ask('rm', { name: 'more', waiting: true }), ok())
})

test('signals are sent by number and name, and one to a process that has ended meanwhile is no error', async () => {
  await using daemon = await channel()
  const { ask, pids, events } = daemon
  const [first, second] = pids('web')
  for (const signum of [28, '28', 'WINCH', 'SIGWINCH', 'sigwinch']) {
    assert.deepEqual(await ask('signal', { name: 'web', signum }), ok())
  }
  assert.deepEqual(await ask('signal', { name: 'web', signum: 'TERM', pid: 1 }), ok())
  assert.deepEqual(await ask('kill', { name: 'web', pid: 1, waiting: true }), ok())
  assert.deepEqual(pids('web'), [first, second])
  const { errno } = await ask('signal', { name: 'web', signum: 'TERM', pid: 1, children: true })
  assert.equal(errno, 3)

  assert.deepEqual(await ask('signal', { name: 'web', signum: 'KILL', pid: first }), ok())
  assert.equal((await events.event('web.reap')).payload['process_pid'], first)
  assert.deepEqual(await ask('kill', { name: 'web', pid: second, signum: 'INT', waiting: true }), ok())
  assert.equal((await events.event('web.reap', { count: 2 })).payload['exit_code'], -2)
})

test('regular expressions are matched from the beginning of a name, in any case', async () => {
  await using daemon = await channel()
  const statuses = () => daemon.arbiter.watchers.map(({ status }) => status)
  assert.deepEqual(await daemon.ask('stop', { name: '(W|d)', match: 'regex', waiting: true }), ok())
  assert.deepEqual(statuses(), ['stopped', 'stopped', 'stopped'])
  assert.deepEqual((await daemon.ask('start', { name: 'we', match: 'regex', waiting: true }))['status'], 'ok')
  assert.deepEqual(statuses(), ['active', 'stopped', 'stopped'])
})

test('a cast is answered with nothing, not even an error', async () => {
  await using daemon = await channel()
  await daemon.client.send(JSON.stringify({ id: 'a', command: 'nonsense', msg_type: 'cast' }))
  await daemon.client.send(JSON.stringify({ id: 'b', command: 'numwatchers', msg_type: 'cast' }))
  assert.deepEqual(await daemon.ask('numwatchers'), ok({ numwatchers: 3 }))
})

test('reloadconfig and quit have no fields of their own', async () => {
  await using daemon = await channel()
  assert.deepEqual(await daemon.ask('reloadconfig', { waiting: true }), ok())
  assert.deepEqual(await daemon.ask('quit', { waiting: true }), ok())
  await daemon.arbiter.closed
})
