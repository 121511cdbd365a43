import assert from 'node:assert/strict'
import { test } from 'node:test'
import { untilTrue } from '../../harness/index.ts'
import { pidOf, Watched } from './watched.ts'

test('a program that dies at once is started again after pauses that double, and never in a busy loop', async () => {
  await using watched = await Watched.started({ cmd: 'false', respawn_delay: 0.02, respawn_delay_max: 0.16 })
  await watched.event('spawn', { count: 6 })
  const { all } = watched.events
  const told = watched.log.matching(/successor/).map((record) => Number(/comes in (\S+) s/.exec(record)?.[1]))
  assert.deepEqual(told.slice(0, 5), [0.02, 0.04, 0.08, 0.16, 0.16])
  const spawns = all.filter(({ event }) => event === 'spawn')
  const reaps = all.filter(({ event }) => event === 'reap')
  for (const [i, pause] of [0.02, 0.04, 0.08, 0.16, 0.16].entries()) {
    assert.ok(spawns[i + 1]!.time - reaps[i]!.time >= pause - 0.002)
  }
})

test('the pauses begin at 100 ms and end at 30 s unless told otherwise', async () => {
  await using watched = await Watched.started({ cmd: 'false' })
  await watched.log.record(/comes in 0.1 s/)
  assert.equal(watched.watcher.options.respawn_delay_max, 30)
})

test('stop does not wait for a pause, and start after it begins anew', async () => {
  await using watched = await Watched.started({ cmd: 'false', respawn_delay: 60, respawn_delay_max: 60 })
  const { watcher } = watched
  await watched.log.record(/successor/)
  await watcher.stop()
  assert.equal(watcher.status, 'stopped')
  await watcher.start()
  assert.equal(watched.count('spawn'), 2)
})

test('a process that lived longer than a second is replaced at once', async () => {
  await using watched = await Watched.started({ cmd: 'sleep 60', respawn_delay: 60, respawn_delay_max: 60 })
  await new Promise((resolve) => setTimeout(resolve, 1010))
  watched.watcher.processes[0]!.signal(9)
  const reap = await watched.event('reap')
  const spawn = await watched.event('spawn', { count: 2 })
  assert.ok(spawn.time - reap.time < 0.1)
})

test('a process that was told to end is replaced at once, however young', async () => {
  await using watched = await Watched.started({ cmd: 'sleep 60', respawn_delay: 60, respawn_delay_max: 60 })
  const { watcher } = watched
  await watcher.kill(watcher.processes[0]!)
  await watched.event('spawn', { count: 2 })
})

test('one place that waits for its pause does not hold up another', async () => {
  await using watched = await Watched.started({
    cmd: 'sleep 60',
    numprocesses: 2,
    respawn_delay: 60,
    respawn_delay_max: 60,
  })
  const { watcher } = watched
  watcher.processes[0]!.signal(9)
  await watched.log.record(/successor/)
  await watcher.kill(watcher.processes[0]!)
  await watched.event('spawn', { count: 3 })
  assert.equal(watcher.pids.length, 1)
})

test('decr takes away a place that waits for its pause before it stops anybody', async () => {
  await using watched = await Watched.started({
    cmd: 'sleep 60',
    numprocesses: 2,
    respawn_delay: 60,
    respawn_delay_max: 60,
  })
  const { watcher } = watched
  const [first, second] = watcher.pids
  watcher.process(first!).signal(9)
  await watched.log.record(/successor/)
  await watcher.resize(1).done
  assert.deepEqual(watcher.pids, [second])
  assert.equal(watched.count('kill'), 0)
})

test('max_age replaces each process, at its own moment within the variance', async () => {
  await using watched = await Watched.started({ cmd: 'sleep 60', numprocesses: 4, max_age: 0.1, max_age_variance: 0.2 })
  const first = watched.watcher.pids
  await untilTrue(() => !watched.watcher.pids.some((pid) => first.includes(pid)))
  const { all } = watched.events
  const born = new Map(all.filter(({ event }) => event === 'spawn').map((event) => [pidOf(event), event.time]))
  const ages = all.filter(({ event }) => event === 'kill').map((event) => event.time - born.get(pidOf(event))!)
  for (const age of ages.slice(0, 4)) assert.ok(age >= 0.095 && age < 0.5, `${ages}`)
  assert.ok(new Set(ages.map((age) => age.toFixed(3))).size > 1)
})

test('a max_age that is set later counts from the birth of a process, and 0 switches it off', async () => {
  await using watched = await Watched.started({ cmd: 'sleep 60', max_age: 60, max_age_variance: 0 })
  const { watcher } = watched
  const [pid] = watcher.pids
  await watcher.set({ max_age: 0 })
  assert.deepEqual(watcher.pids, [pid])
  await watcher.set({ max_age: 0.05 })
  await watched.event('spawn', { count: 2 })
  assert.ok(!watcher.pids.includes(pid!))
})

test('a max_age of a month is no shorter than that', async () => {
  await using watched = new Watched({ cmd: 'sleep 60', max_age: 30 * 24 * 3600, max_age_variance: 0 })
  const { watcher } = watched
  const timers: number[] = []
  const original = globalThis.setTimeout
  const dayMs = 24 * 3600 * 1000
  // A timer for weeks is done at once: what is armed then must not be the end of the process.
  globalThis.setTimeout = ((fn: () => void, ms: number, ...rest: unknown[]) => {
    if (ms < dayMs) return original(fn, ms, ...(rest as []))
    timers.push(ms)
    return original(timers.length === 1 ? fn : () => {}, timers.length === 1 ? 1 : ms)
  }) as typeof setTimeout
  try {
    await watcher.start()
    await new Promise((resolve) => original(resolve, 50))
    assert.equal(watched.count('kill'), 0)
  } finally {
    globalThis.setTimeout = original
  }
})
