import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kernelCommands } from '../../../core/command/index.ts'
import { ignoresTerm, isAlive, type RunningArbiter, startArbiter, untilDead, untilTrue } from '../../harness/index.ts'

const two = '[watcher:Web]\ncmd = sleep 60\nnumprocesses = 2\n[watcher:db]\ncmd = sleep 60\nsingleton = true\n'

/** The fields a command adds to the reply, and its error as `[errno, reason]`. */
async function ask({ client }: RunningArbiter, command: string, properties: Record<string, unknown> = {}) {
  try {
    const { time, id, ...fields } = await client.call(command, properties)
    assert.equal(typeof time, 'number')
    return fields
  } catch (error) {
    const { errno, reason } = error as { errno: number; reason: string }
    return [errno, reason]
  }
}

test('questions are answered as the original answers them', async () => {
  await using running = await startArbiter(two)
  const { arbiter } = running
  const [a, b] = arbiter.watcher('web').pids
  assert.deepEqual(await ask(running, 'LIST'), { status: 'ok', watchers: ['db', 'web'] })
  assert.deepEqual(await ask(running, 'list', { name: 'wEB' }), { status: 'ok', pids: [a, b] })
  assert.deepEqual(await ask(running, 'status', { name: 'web' }), { status: 'active' })
  assert.deepEqual(await ask(running, 'numwatchers'), { status: 'ok', numwatchers: 2 })
  assert.deepEqual(await ask(running, 'numprocesses'), { status: 'ok', numprocesses: 3 })
  assert.deepEqual(await ask(running, 'numprocesses', { name: 'web' }), {
    status: 'ok',
    numprocesses: 2,
    watcher_name: 'web',
  })
  assert.deepEqual(await ask(running, 'get', { name: 'web', keys: ['cmd', 'numprocesses'] }), {
    status: 'ok',
    options: { cmd: 'sleep 60', numprocesses: 2 },
  })
  assert.deepEqual(await ask(running, 'globaloptions', { option: 'endpoint' }), {
    status: 'ok',
    options: { endpoint: arbiter.endpoints.control },
  })
  const { options } = (await ask(running, 'options', { name: 'web' })) as { options: Record<string, unknown> }
  assert.equal(options['graceful_timeout'], 30)
})

test('wrong input gets the error of the table', async () => {
  await using running = await startArbiter(two)
  const cases: [string, Record<string, unknown>, number, RegExp][] = [
    ['nonsense', {}, 2, /unknown command: 'nonsense'/],
    ['status', { name: 'nobody' }, 3, /^program nobody not found$/],
    ['incr', {}, 3, /'name' is missing/],
    ['incr', { name: 7 }, 3, /'name' must be a text/],
    ['incr', { name: 'web', nb: 'many' }, 3, /'nb' must be an integer/],
    ['incr', { name: 'web', nb: -1 }, 3, /'nb' must be an integer from 0/],
    ['start', { name: 'web', waiting: 'perhaps' }, 3, /'waiting' must be true or false/],
    ['stop', { name: 'w(', match: 'regex' }, 3, /regular expression/],
    ['stop', { name: 'web', match: 'magic' }, 3, /^unknown match method magic$/],
    ['get', { name: 'web', keys: ['cdm'] }, 3, /^'cdm' option not found$/],
    ['get', { name: 'web', keys: 7 }, 3, /list of option names/],
    ['set', { name: 'web', options: { numproceses: 3 } }, 3, /numproceses/],
    ['set', { name: 'web', options: { numprocesses: 'x' } }, 3, /numprocesses/],
    ['set', { name: 'web', options: [1] }, 3, /'options' property should be an object/],
    ['set', { name: 'db', options: { numprocesses: 2 } }, 5, /singleton/],
    ['add', { name: 'WEB', cmd: 'sleep 1' }, 5, /already exist/],
    ['add', { name: 'new', cmd: 'sleep 1', options: { signleton: true } }, 3, /signleton/],
    ['add', { name: 'new' }, 3, /'cmd' is missing/],
    ['signal', { name: 'web', signum: 'SIGNOTHING' }, 3, /^signal invalid$/],
    ['signal', { name: 'web', signum: 'HUP', pid: 1, recursive: true }, 3, /process 1 not found/],
    ['signal', { name: 'web', signum: 'HUP', childpid: 5 }, 3, /childpid without pid/],
    ['globaloptions', { option: 'nothing' }, 3, /'nothing' not an existing option/],
    ['listen', {}, 3, /events are published at ipc:/],
    ['__proto__', {}, 2, /unknown command/],
    ['get', { name: 'web', keys: ['__proto__'] }, 3, /option not found/],
    ['status', { name: '__proto__' }, 3, /not found/],
  ]
  const before = running.arbiter.watcher('web').pids
  for (const [command, properties, errno, reason] of cases) {
    const answer = (await ask(running, command, properties)) as [number, string]
    assert.equal(answer[0], errno, `${command} ${JSON.stringify(properties)}: ${JSON.stringify(answer)}`)
    assert.match(answer[1], reason)
  }
  assert.deepEqual(running.arbiter.watcher('web').pids, before)
})

test('start, stop, restart and reload of one watcher tell what changed, when waiting', async () => {
  await using running = await startArbiter(two)
  const watcher = running.arbiter.watcher('web')
  const old = watcher.pids
  const one = { name: 'web', waiting: true }
  assert.deepEqual(await ask(running, 'start', one), { status: 'ok', info: { started: [], kept: old } })
  assert.deepEqual(await ask(running, 'reload', one), {
    status: 'ok',
    info: { started: watcher.pids, kept: [], stopped: old },
  })
  const second = watcher.pids
  assert.deepEqual(await ask(running, 'restart', one), {
    status: 'ok',
    info: { started: watcher.pids, kept: [], stopped: second },
  })
  assert.deepEqual(await ask(running, 'stop', one), { status: 'ok', info: null })
  assert.deepEqual(watcher.pids, [])
  const started = (await ask(running, 'start', one)) as { info: unknown }
  assert.deepEqual(started.info, { started: watcher.pids, kept: [] })
  assert.deepEqual(await ask(running, 'restart', { waiting: true }), { status: 'ok' })
})

test('without waiting the reply comes at once, and the work is done all the same', async () => {
  await using running = await startArbiter(
    `[watcher:stubborn]\ncmd = sh -c "trap '' TERM; while :; do sleep 0.1; done"\ncopy_env = true\ngraceful_timeout = 1\n`,
  )
  await untilTrue(() => ignoresTerm(running.arbiter.watcher('stubborn').pids[0]!))
  assert.deepEqual(await ask(running, 'stop', { name: 'stubborn' }), { status: 'ok' })
  assert.notEqual(running.arbiter.watcher('stubborn').status, 'stopped')
  await running.events.event('stubborn.stop')
})

test('a pattern picks watchers by glob or regular expression, or none but the one so called', async () => {
  await using running = await startArbiter('[watcher:web-1]\ncmd = sleep 60\n[watcher:web-2]\ncmd = sleep 60\n')
  const statuses = () => running.arbiter.watchers.map(({ status }) => status)
  await ask(running, 'stop', { name: 'WEB-*', waiting: true })
  assert.deepEqual(statuses(), ['stopped', 'stopped'])
  await ask(running, 'start', { name: '^web-[2-9]$', match: 'regex', waiting: true })
  assert.deepEqual(statuses(), ['stopped', 'active'])
  assert.deepEqual(await ask(running, 'start', { name: 'web-*', match: 'simple' }), [3, 'program web-* not found'])
})

test('incr and decr change the number of processes, but not of a singleton', async () => {
  await using running = await startArbiter(two)
  const watcher = running.arbiter.watcher('web')
  assert.deepEqual(await ask(running, 'incr', { name: 'web', nb: '2', waiting: true }), {
    status: 'ok',
    numprocesses: 4,
  })
  assert.equal(watcher.pids.length, 4)
  const [oldest] = watcher.pids
  assert.deepEqual(await ask(running, 'decr', { name: 'web', waiting: true }), { status: 'ok', numprocesses: 3 })
  assert.equal(isAlive(oldest!), false)
  assert.deepEqual(await ask(running, 'decr', { name: 'web', nb: 9, waiting: true }), { status: 'ok', numprocesses: 0 })
  assert.deepEqual(watcher.pids, [])
  assert.equal(watcher.status, 'active')
  assert.deepEqual(await ask(running, 'incr', { name: 'db' }), { status: 'ok', numprocesses: 1, singleton: true })
})

test('arguments of add are texts', async () => {
  await using running = await startArbiter('')
  const strange = { toString: 'no function' }
  for (const args of [[strange], [['a']], strange, 5]) {
    const added = running.client.call('add', { name: 'a', cmd: 'true', args })
    await assert.rejects(added, { code: 'ERR_PROPERTY_INVALID' })
  }
})

test('add with start runs a watcher that rm takes away again', async () => {
  await using running = await startArbiter('')
  const reply = await ask(running, 'add', {
    name: 'New one',
    cmd: 'sh',
    args: ['-c', 'exec sleep 60 # a b'],
    options: { numprocesses: '2', 'flapping.window': 3, copy_env: true },
    start: true,
    waiting: true,
  })
  const { pids } = running.arbiter.watcher('new one')
  assert.deepEqual(reply, { status: 'ok', started: pids, kept: [] })
  assert.deepEqual(await ask(running, 'rm', { name: 'NEW ONE', waiting: true }), { status: 'ok' })
  assert.deepEqual(pids.filter(isAlive), [])
  assert.deepEqual(await ask(running, 'list'), { status: 'ok', watchers: [] })
  assert.deepEqual(running.events.of('new_one').slice(-2), ['stop', 'remove'])
})

test('rm with nostop leaves the processes alone, and takes leave of them when they end', async () => {
  await using running = await startArbiter('[watcher:web]\ncmd = sleep 60\n')
  const [pid] = running.arbiter.watcher('web').pids
  await ask(running, 'rm', { name: 'web', nostop: true, waiting: true })
  assert.ok(isAlive(pid!))
  process.kill(pid!, 'SIGKILL')
  await untilDead(pid!)
  // Not even a zombie is left.
  await untilTrue(() => {
    try {
      return process.kill(pid!, 0) && false
    } catch {
      return true
    }
  })
})

test('signal reaches a process, its children, or all its descendants', async () => {
  const script = 'sh -c \\"sleep 60 & wait\\" & sleep 60 & while :; do wait; done'
  await using running = await startArbiter(`[watcher:web]\ncmd = sh -c "${script}"\ncopy_env = true\n`)
  const watcher = running.arbiter.watcher('web')
  const [root] = watcher.processes
  await untilTrue(() => root!.descendants().length === 3)
  const children = root!.children().map(({ pid }) => pid)
  const descendants = root!.descendants().map(({ pid }) => pid)
  const [grandchild] = descendants.filter((pid) => !children.includes(pid))
  assert.deepEqual(await ask(running, 'signal', { name: 'web', pid: root!.pid, childpid: grandchild, signum: 9 }), [
    3,
    `process ${grandchild} not found among the children of ${root!.pid}`,
  ])
  await ask(running, 'signal', { name: 'web', signum: 'KILL', children: true })
  await untilDead(...children)
  assert.ok(isAlive(root!.pid))
  await ask(running, 'signal', { name: 'web', pid: root!.pid, signum: 'sigkill', recursive: true })
  await untilDead(root!.pid)
  process.kill(grandchild!, 'SIGKILL')
})

test('kill stops processes, which are then replaced, with SIGKILL after the timeout that is given', async () => {
  await using running = await startArbiter(
    `[watcher:web]\ncmd = sh -c "trap '' TERM; echo up; while :; do sleep 0.05; done"\ncopy_env = true\n`,
  )
  const watcher = running.arbiter.watcher('web')
  const [first] = watcher.pids
  await untilTrue(() => ignoresTerm(first!))
  await ask(running, 'kill', { name: 'web', graceful_timeout: 0.1, waiting: true })
  const reap = await running.events.event('web.reap')
  assert.deepEqual([reap.payload['process_pid'], reap.payload['exit_code']], [first, -9])
  await running.events.event('web.spawn', { count: 2 })
})

test('set is checked whole before anything is changed, and processes follow', async () => {
  await using running = await startArbiter(two)
  const watcher = running.arbiter.watcher('web')
  const before = watcher.pids
  const bad = (await ask(running, 'set', {
    name: 'web',
    options: { cmd: 'sleep 61', graceful_timeout: 'long' },
    waiting: true,
  })) as [number, string]
  assert.equal(bad[0], 3)
  assert.equal(watcher.options.cmd, 'sleep 60')
  await ask(running, 'set', { name: 'web', options: { graceful_timeout: 5 }, waiting: true })
  assert.deepEqual(watcher.pids, before)
  await ask(running, 'set', { name: 'web', options: { cmd: 'sleep 61', numprocesses: 3 }, waiting: true })
  assert.equal(watcher.pids.length, 3)
  assert.equal(watcher.pids.filter((pid) => before.includes(pid)).length, 0)
})

test('commands to one watcher run in order, and to several side by side', async () => {
  const stubborn = `cmd = sh -c "trap '' TERM; while :; do sleep 0.05; done"\ncopy_env = true\ngraceful_timeout = 1\n`
  await using running = await startArbiter(`[watcher:slow]\n${stubborn}[watcher:quick]\ncmd = sleep 60\n`)
  await untilTrue(() => ignoresTerm(running.arbiter.watcher('slow').pids[0]!))
  const order: string[] = []
  const note = (what: string) => () => void order.push(what)
  await Promise.all([
    ask(running, 'stop', { name: 'slow', waiting: true }).then(note('slow stopped')),
    ask(running, 'start', { name: 'slow', waiting: true }).then(note('slow started')),
    ask(running, 'restart', { name: 'quick', waiting: true }).then(note('quick restarted')),
  ])
  assert.deepEqual(order, ['quick restarted', 'slow stopped', 'slow started'])
})

test('commands lists each command with a summary and its properties', async () => {
  await using running = await startArbiter('')
  const { commands } = (await ask(running, 'commands')) as { commands: Record<string, Record<string, unknown>> }
  assert.deepEqual(Object.keys(commands), kernelCommands.map(({ name }) => name).sort())
  assert.deepEqual(commands['incr']!['properties'], {
    type: 'object',
    properties: {
      name: { type: 'string', description: 'the watcher, in any case' },
      nb: { type: 'integer', description: 'how many', default: 1 },
      waiting: { type: 'boolean', description: 'reply when the work is done', default: false },
    },
    required: ['name'],
  })
})

test('a restart tells its reason in the log and in the event, and keeps none', async () => {
  await using running = await startArbiter({ watchers: [{ name: 'web', cmd: 'sleep 60' }] })

  await ask(running, 'restart', { name: 'web', waiting: true, reason: 'it answers no more' })
  const { payload } = await running.events.event('web.stop')

  assert.equal(payload['reason'], 'it answers no more')
  assert.equal(running.log.matching(/web: is restarted: it answers no more$/).length, 1)
  assert.equal(running.arbiter.watcher('web').reason, null)
})

test('a reload tells its reason too, and the last one is in what describe tells', async () => {
  await using running = await startArbiter({ watchers: [{ name: 'web', cmd: 'sleep 60' }] })

  await ask(running, 'reload', { name: 'web', waiting: true, reason: 'app.ts changed' })
  const { payload } = await running.events.event('web.reload')

  assert.equal(payload['reason'], 'app.ts changed')
  type Described = { watchers: { web: { renewal: { time: number; reason: string } } } }
  const { watchers } = await running.client.call<Described & Record<string, unknown>>('describe', { name: 'web' })
  assert.equal(watchers.web.renewal.reason, 'app.ts changed')
})

test('of a reason that never ends the beginning is kept', async () => {
  await using running = await startArbiter('[watcher:web]\ncmd = sleep 60\n')
  await ask(running, 'stop', { name: 'web', waiting: true, reason: 'because '.repeat(100_000) })
  assert.equal(running.arbiter.watcher('web').reason?.length, 1_000)
})

test('a watcher that is being removed cannot be started any more', async () => {
  await using running = await startArbiter(
    `[watcher:web]\ncmd = sh -c "trap '' TERM; while :; do sleep 0.05; done"\ncopy_env = true\ngraceful_timeout = 0.5\n`,
  )
  const watcher = running.arbiter.watcher('web')
  await untilTrue(() => ignoresTerm(watcher.pids[0]!))
  const [removed, started] = await Promise.all([
    ask(running, 'rm', { name: 'web', waiting: true }),
    ask(running, 'start', { name: 'web', waiting: true }),
  ])
  assert.deepEqual([removed, started], [{ status: 'ok' }, [5, 'program web was removed']])
  assert.deepEqual([watcher.status, watcher.pids], ['stopped', []])
})
