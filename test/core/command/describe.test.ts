import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { WatchedProcessInfo } from '../../../core/process-info.ts'
import type { PastExit } from '../../../core/watcher-history.ts'
import { type RunningArbiter, startArbiter, untilTrue } from '../../harness/index.ts'

interface Described {
  readonly status: string
  readonly reason: string | null
  readonly restarts: number
  readonly started: number | null
  readonly exits: readonly PastExit[]
  readonly pause: { readonly until: number; readonly seconds: number } | null
  readonly processes: readonly (WatchedProcessInfo | string)[]
  readonly options?: Readonly<Record<string, { value: unknown; file: string | null; line: number | null }>>
}

async function describe({ client }: RunningArbiter, name?: string): Promise<Record<string, Described>> {
  return (await client.call<{ watchers: Record<string, Described> }>('describe', { name })).watchers
}

test('all watchers are described, without their options', async () => {
  await using running = await startArbiter(
    '[watcher:Web]\ncmd = sleep 60\nnumprocesses = 2\npriority = 3\n[watcher:off]\ncmd = sleep 60\nautostart = false\n',
  )
  const { Web, off } = await describe(running)
  const { processes, started, ...rest } = Web!
  assert.deepEqual(rest, {
    status: 'active',
    reason: null,
    numprocesses: 2,
    priority: 3,
    singleton: false,
    restarts: 0,
    renewal: null,
    pause: null,
    exits: [],
  })
  assert.deepEqual(
    processes.map((info) => (info as WatchedProcessInfo).pid),
    running.arbiter.watcher('web').pids,
  )
  assert.ok(Math.abs(started! - Date.now() / 1000) < 60)
  assert.deepEqual([off!.status, off!.started, off!.processes], ['stopped', null, []])
})

test('ends are remembered with what ended them, the newest first, and restarts are counted', async () => {
  await using running = await startArbiter('[watcher:web]\ncmd = sleep 60\nrespawn_delay = 0.01\n')
  const [first] = running.arbiter.watcher('web').pids
  await running.client.call('signal', { name: 'web', signum: 'KILL' })
  await running.events.event('web.spawn', { count: 2 })
  const [second] = running.arbiter.watcher('web').pids
  await running.client.call('stop', { name: 'web', waiting: true })

  const { exits, restarts, status } = (await describe(running, 'WEB'))['web']!
  const shown = exits.map(({ time, age, ...exit }) => {
    assert.ok(age >= 0 && age < 60 && Math.abs(time - Date.now() / 1000) < 60)
    return exit
  })
  assert.deepEqual(shown, [
    { pid: second, wid: 1, exit_code: -15, signal: 'SIGTERM', expected: true, lines: [] },
    { pid: first, wid: 1, exit_code: -9, signal: 'SIGKILL', expected: false, lines: [] },
  ])
  assert.deepEqual([restarts, status], [1, 'stopped'])
})

test('no more than ten ends are kept, and a pause before the next try is told', async () => {
  await using running = await startArbiter(
    `[watcher:web]\ncmd = sh -c 'exit 3'\nrespawn_delay = 0.001\nrespawn_delay_max = 0.001\n`,
  )
  await running.events.event('web.reap', { count: 12 })
  await running.client.call('set', { name: 'web', options: { respawn_delay: 100, respawn_delay_max: 100 } })
  await untilTrue(() => running.arbiter.watcher('web').pause?.seconds === 100)

  const { exits, pause, restarts, processes } = (await describe(running, 'web'))['web']!
  assert.equal(exits.length, 10)
  assert.deepEqual([exits[0]!.exit_code, exits[0]!.signal, exits[0]!.expected], [3, null, false])
  assert.ok(pause!.until > Date.now() / 1000 && pause!.until < Date.now() / 1000 + 101)
  assert.ok(restarts >= 11)
  assert.deepEqual(processes, [])
})

test('of one watcher each option is told with where it was set', async () => {
  await using running = await startArbiter(
    ['[watcher:web]', 'cmd = sleep 60', 'rlimit_nofile = 100', 'flapping.window = 3', '[env]', 'A = b'].join('\n'),
  )
  await running.client.call('set', { name: 'web', options: { graceful_timeout: 5 } })
  await running.client.call('add', { name: 'more', cmd: 'sleep 60' })
  const file = running.folder.path('circus.ini')

  const { options } = (await describe(running, 'web'))['web']!
  assert.deepEqual(options!['cmd'], { value: 'sleep 60', file, line: 2 })
  assert.deepEqual(options!['rlimit_nofile'], { value: 100, file, line: 3 })
  assert.deepEqual(options!['flapping.window'], { value: '3', file, line: 4 })
  assert.deepEqual(options!['env.A'], { value: 'b', file, line: 6 })
  assert.deepEqual(options!['graceful_timeout'], { value: 5, file: 'API', line: 0 })
  assert.deepEqual(options!['max_retry'], { value: 5, file: null, line: null })
  assert.ok(!('use_papa' in options!) && !('env' in options!))
  assert.deepEqual((await describe(running, 'more'))['more']!.options!['cmd']!.file, 'API')
})

test('the daemon tells its own options as they are written, with where they were set', async () => {
  await using running = await startArbiter('[circus]\numask = 027\n')
  const { options } = await running.client.call<{ options: Record<string, { value: unknown; line: number }> }>('daemon')
  const { umask, endpoint_mode } = options
  assert.deepEqual([umask?.value, umask?.line, endpoint_mode?.value], ['027', 2, '600'])
})

test('what looks like a secret is for admins only', async () => {
  await using running = await startArbiter('[watcher:web]\ncmd = sleep 60\n[env:web]\nAPI_KEY = hush\n')
  const ask = (role: 'view' | 'admin') =>
    running.arbiter.commands.dispatch('describe', { name: 'web' }, { via: 'channel', name: 'test', role })
  assert.match(JSON.stringify(await ask('admin')), /hush/)
  assert.doesNotMatch(JSON.stringify(await ask('view')), /hush/)
})

test('unknown names are refused', async () => {
  await using running = await startArbiter('')
  await assert.rejects(describe(running, 'nobody'), { errno: 3, reason: 'program nobody not found' })
})
