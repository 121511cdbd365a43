import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hookNames, type WatcherInput } from '../../../core/index.ts'
import type { HookContext } from '../../../plugins/hooks/index.ts'
import { startArbiter } from '../../harness/index.ts'

type Seen = Omit<HookContext, 'log' | 'signal' | 'call'>

/** A watcher with all hooks, and one list of what they were given and of the events in between. */
async function startObserved(options: Partial<WatcherInput> = {}) {
  const seen: (Seen | string)[] = []
  const note = ({ log, signal, call, ...context }: HookContext) => void seen.push(context)
  const hooks = Object.fromEntries(hookNames.map((name) => [name, note]))
  const running = await startArbiter(
    { watchers: [{ name: 'web', cmd: 'sleep 60', hooks, ...options } as WatcherInput] },
    { start: false },
  )
  running.arbiter.hooks.event.tap('test', ({ event }) => {
    if (!event.startsWith('hook_')) seen.push(event)
  })
  await running.arbiter.start()
  const names = () => seen.map((item) => (typeof item === 'string' ? item : item.hook))
  const of = (hook: string) => seen.filter((item): item is Seen => typeof item !== 'string' && item.hook === hook)
  return Object.assign(running, { seen, names, of, watcher: running.arbiter.watcher('web') })
}

test('a start and a stop meet each hook at its moment', async () => {
  await using running = await startObserved()
  const [pid] = running.watcher.pids
  assert.deepEqual(running.names(), [
    'add',
    ...['before_start', 'before_spawn', 'spawn', 'after_spawn', 'after_start', 'start'],
  ])
  running.seen.length = 0

  await running.watcher.stop()

  const names = running.names()
  assert.equal(names[0], 'before_stop')
  assert.deepEqual(names.slice(-2), ['stop', 'after_stop'])
  const order = ['before_stop', 'before_signal', 'kill', 'before_reap', 'reap', 'stop', 'after_stop']
  assert.deepEqual(
    names.filter((name) => order.includes(name)),
    order,
  )
  assert.ok(names.indexOf('after_signal') > names.indexOf('before_signal'))
  assert.ok(names.indexOf('after_reap') > names.indexOf('reap'))
  assert.deepEqual(
    running.of('before_signal').map(({ pid, signum }) => ({ pid, signum })),
    [{ pid, signum: 15 }],
  )
  assert.deepEqual(
    running.of('after_signal').map(({ pid, signum }) => ({ pid, signum })),
    [{ pid, signum: 15 }],
  )
  assert.deepEqual(
    running.of('before_reap').map(({ pid }) => pid),
    [pid],
  )
  assert.deepEqual(
    running.of('after_reap').map(({ pid, exitCode }) => ({ pid, exitCode })),
    [{ pid, exitCode: -15 }],
  )
})

test('a hook knows its watcher and, after the spawn, its process', async () => {
  await using running = await startObserved({ numprocesses: 2 })

  for (const name of ['before_start', 'before_spawn', 'after_spawn', 'after_start']) {
    for (const { watcher } of running.of(name)) assert.equal(watcher, running.watcher)
  }
  assert.equal(running.of('before_start').length, 1)
  assert.deepEqual(
    running.of('after_spawn').map(({ pid }) => pid),
    running.watcher.pids,
  )
  assert.deepEqual(
    running.of('before_spawn').map(({ spec, pid }) => [spec?.wid, pid]),
    [
      [1, undefined],
      [2, undefined],
    ],
  )
})

test('a process that dies and its successor meet before_reap, after_reap and the hooks of spawns', async () => {
  await using running = await startObserved()
  const [pid] = running.watcher.pids
  const from = running.events.all.length
  running.seen.length = 0

  process.kill(pid!, 'SIGKILL')
  await running.events.until(({ event, payload }) => event === 'hook_success' && payload['name'] === 'after_spawn', {
    from,
  })

  assert.deepEqual(
    running.of('after_reap').map((context) => [context.pid, context.exitCode]),
    [[pid, -9]],
  )
  assert.equal(running.of('after_spawn').length, 1)
  assert.equal(running.of('before_start').length, 0)
})

test('before_spawn may change what is run', async () => {
  const hooks = {
    before_spawn: ({ spec }: HookContext) => {
      spec!.argv = ['sh', '-c', 'exit 42']
    },
  }
  await using running = await startArbiter({ watchers: [{ name: 'web', cmd: 'sleep 60', hooks, respawn: false }] })

  const { payload } = await running.events.event('web.reap')

  assert.equal(payload['exit_code'], 42)
})

test('extended_stats adds to the stats of a process, and only its failures are published', async () => {
  const hooks = {
    extended_stats: ({ stats, pid }: HookContext) => {
      if (stats!['broken']) throw new Error('no stats today')
      stats!['queue'] = `of ${pid}`
    },
  }
  await using running = await startArbiter({ watchers: [{ name: 'web', cmd: 'sleep 60', hooks }] })
  const watcher = running.arbiter.watcher('web')
  const process = watcher.processes[0]!
  const stats = (info: Record<string, unknown>) =>
    running.arbiter.hooks.processInfo.promise(info, process, watcher, { extended: true })

  assert.deepEqual(await stats({ cpu: 1 }), { cpu: 1, queue: `of ${process.pid}` })
  assert.deepEqual(await stats({ broken: true }), { broken: true })

  const events = running.events.all.filter(({ event }) => event.startsWith('hook_'))
  assert.deepEqual(
    events.map(({ event, payload }) => [event, payload['name'], payload['error']]),
    [['hook_failure', 'extended_stats', 'no stats today']],
  )
})

test('only the hooks that some watcher has are tapped', async () => {
  const hooks = { after_stop: () => {} }
  await using running = await startArbiter({ watchers: [{ name: 'web', cmd: 'sleep 60', hooks }] })

  const { beforeStart, beforeSpawn, beforeSignal, afterStop } = running.arbiter.hooks
  assert.deepEqual(
    [beforeStart, beforeSpawn, beforeSignal, afterStop].map((hook) => hook.isUsed()),
    [false, false, false, true],
  )
})

test('a daemon without hooks does not load the plugin', async () => {
  await using running = await startArbiter({ watchers: [{ name: 'web', cmd: 'sleep 60' }] })
  assert.deepEqual(running.arbiter.plugins.loaded, [])
})
