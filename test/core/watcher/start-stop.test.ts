import assert from 'node:assert/strict'
import { rmSync, symlinkSync } from 'node:fs'
import { test } from 'node:test'
import { isAlive, temporaryFolder, untilTrue } from '../../harness/index.ts'
import { pidOf, program, Watched } from './watched.ts'

test('start spawns numprocesses processes with the lowest free numbers, and tells so afterwards', async () => {
  await using watched = new Watched({ cmd: 'sleep 60', numprocesses: 3 })
  const { watcher } = watched
  assert.equal(watcher.status, 'stopped')
  const started = watcher.start()
  assert.equal(watcher.status, 'starting')
  const changes = await started
  assert.equal(watcher.status, 'active')
  assert.deepEqual(changes, { started: watcher.pids, kept: [], stopped: [] })
  assert.deepEqual(watched.names, ['spawn', 'spawn', 'spawn', 'start'])
  assert.deepEqual(
    watcher.processes.map(({ wid }) => wid),
    [1, 2, 3],
  )
})

test('a successor gets the lowest free number', async () => {
  await using watched = await Watched.started({ cmd: 'sleep 60', numprocesses: 3, respawn_delay: 0.001 })
  const { watcher } = watched
  const [first, second] = watcher.processes
  second!.signal(9)
  await watched.event('spawn', { count: 4 })
  first!.signal(9)
  await watched.event('spawn', { count: 5 })
  assert.deepEqual(watcher.processes.map(({ wid }) => wid).sort(), [1, 2, 3])
  assert.deepEqual(
    watcher.processes.map(({ wid }) => wid),
    [3, 2, 1],
  )
})

test('start of one that runs keeps its processes, stop of one that is stopped does nothing', async () => {
  await using watched = await Watched.started({ cmd: 'sleep 60' })
  const { watcher } = watched
  const { pids } = watcher
  assert.deepEqual(await watcher.start(), { started: [], kept: pids, stopped: [] })
  await watcher.stop()
  const told = watched.names.length
  await watcher.stop()
  assert.equal(watched.names.length, told)
  assert.equal(watcher.status, 'stopped')
})

test('stop tells of signals, ends and itself, in this order, and nothing lives then', async () => {
  await using watched = await Watched.started({ cmd: program('ready.sh'), close_child_stdout: true, numprocesses: 2 })
  const { watcher } = watched
  const { pids } = watcher
  const stopped = watcher.stop()
  assert.equal(watcher.status, 'stopping')
  await stopped
  for (const pid of pids) {
    const own = watched.events.all.filter(({ payload }) => payload['process_pid'] === pid).map(({ event }) => event)
    assert.deepEqual(own, ['spawn', 'kill', 'reap'])
  }
  assert.deepEqual([watched.names.length, watched.names.at(-1)], [8, 'stop'])
  assert.deepEqual(pids.filter(isAlive), [])
  assert.equal(watcher.status, 'stopped')
  assert.equal(watcher.reason, null)
})

test('restart replaces all processes', async () => {
  await using watched = await Watched.started({ cmd: 'sleep 60', numprocesses: 2 })
  const { watcher } = watched
  const { pids } = watcher
  const changes = await watcher.restart()
  assert.deepEqual(changes, { started: watcher.pids, kept: [], stopped: pids })
})

test('warmup_delay lies between two spawns', async () => {
  await using watched = await Watched.started({ cmd: 'sleep 60', numprocesses: 3, warmup_delay: 0.1 })
  const times = watched.events.all.filter(({ event }) => event === 'spawn').map(({ time }) => time)
  for (const i of [1, 2]) assert.ok(times[i]! - times[i - 1]! >= 0.06, `${times}`)
})

for (const by of ['stop', 'quit']) {
  test(`${by} cuts a start short that waits between two spawns`, async () => {
    await using watched = new Watched({ cmd: 'sleep 60', numprocesses: 3, warmup_delay: 60 })
    const { watcher } = watched
    const started = watcher.start()
    await watched.event('spawn')
    const stopped = watcher.stop(by)
    await assert.rejects(started, { code: 'ERR_START_ABORTED', message: new RegExp(by) })
    await stopped
    assert.equal(watcher.status, 'stopped')
    assert.deepEqual(watcher.pids, [])
  })
}

test('stop cuts a start short that waits for its next attempt', async () => {
  await using watched = new Watched({
    cmd: '/no/such/program',
    max_retry: -1,
    respawn_delay: 60,
    respawn_delay_max: 60,
  })
  const { watcher } = watched
  const started = watcher.start()
  await watched.log.record(/attempt 1/)
  const stopped = watcher.stop()
  await assert.rejects(started, { code: 'ERR_START_ABORTED' })
  await stopped
  assert.equal(watcher.status, 'stopped')
})

test('stop cuts a start short that waits for a before_start hook, and nothing is spawned when that is over', async () => {
  await using watched = new Watched({ cmd: 'sleep 60' })
  const { watcher, hooks } = watched
  const { promise, resolve } = Promise.withResolvers<undefined>()
  hooks.beforeStart.tapPromise('slow', () => promise)
  const started = watcher.start()
  const stopped = watcher.stop()
  await assert.rejects(started, { code: 'ERR_START_ABORTED' })
  await stopped
  resolve(undefined)
  await promise
  assert.equal(watcher.status, 'stopped')
  assert.deepEqual(watched.names, [])
})

test('commands that wait behind a stop are done after it, in their order', async () => {
  await using watched = await Watched.started({ cmd: 'sleep 60', numprocesses: 1 })
  const { watcher } = watched
  const order: string[] = []
  await Promise.all([
    watcher.stop().then(() => order.push('stop')),
    watcher.start().then(() => order.push('start')),
    watcher.resize(2).done.then(() => order.push('resize')),
    watcher.reload().then(() => order.push('reload')),
  ])
  assert.deepEqual(order, ['stop', 'start', 'resize', 'reload'])
  assert.equal(watcher.pids.length, 2)
})

test('a program that is missing stops the watcher after max_retry attempts, with growing pauses and a reason', async () => {
  await using watched = new Watched({ cmd: '/no/such/program', max_retry: 3, respawn_delay: 0.01 })
  const { watcher } = watched
  await assert.rejects(watcher.start(), { code: 'ERR_SPAWN_FAILED', message: /no such file/ })
  assert.equal(watcher.status, 'stopped')
  assert.match(watcher.reason ?? '', /no such file/)
  assert.deepEqual(
    watched.log.matching(/attempt/).map((record) => /next in (\S+) s/.exec(record)?.[1]),
    ['0.01', '0.02'],
  )
})

test('with max_retry = -1 it tries for ever, and starts once the program is there', async () => {
  using folder = temporaryFolder()
  const cmd = folder.path('program')
  await using watched = new Watched({ cmd: `${cmd} 60`, max_retry: -1, respawn_delay: 0.005, respawn_delay_max: 0.01 })
  const { watcher } = watched
  const started = watcher.start()
  await watched.log.record(/attempt 8/)
  symlinkSync('/bin/sleep', cmd)
  await started
  assert.equal(watcher.status, 'active')
  assert.equal(watcher.reason, null)
})

test('a program that vanishes later stops the watcher, with a reason', async () => {
  using folder = temporaryFolder()
  const cmd = folder.path('program')
  symlinkSync('/bin/sleep', cmd)
  await using watched = await Watched.started({ cmd: `${cmd} 60`, max_retry: 2, respawn_delay: 0.005, numprocesses: 2 })
  const { watcher } = watched
  rmSync(cmd)
  watcher.processes[0]!.signal(9)
  await watched.event('stop')
  await untilTrue(() => watcher.reason !== null)
  assert.equal(watcher.status, 'stopped')
  assert.match(watcher.reason!, /no such file/)
  assert.deepEqual(watcher.pids, [])
})

for (const [hook, spawns] of [
  ['beforeStart', 0],
  ['beforeSpawn', 0],
  ['afterSpawn', 1],
  ['afterStart', 2],
] as const) {
  test(`${hook} refuses a start: the watcher is stopped, without another attempt`, async () => {
    await using watched = new Watched({ cmd: 'sleep 60', numprocesses: 2 })
    const { watcher, hooks } = watched
    hooks[hook].tapPromise('no', async () => false)
    await assert.rejects(watcher.start(), { code: 'ERR_VETOED' })
    assert.equal(watcher.status, 'stopped')
    assert.ok(watcher.reason)
    assert.equal(watched.count('spawn'), spawns)
    assert.equal(watched.count('start'), 0)
    assert.deepEqual(watcher.pids, [])
  })
}

test('with respawn = false what dies stays dead, and the watcher stops when all are', async () => {
  await using watched = await Watched.started({ cmd: 'sleep 60', numprocesses: 2, respawn: false })
  const { watcher } = watched
  const [first, second] = watcher.processes
  first!.signal(9)
  await watched.event('reap')
  assert.deepEqual(watcher.pids, [second!.pid])
  assert.equal(watcher.status, 'active')
  second!.signal(9)
  await watched.event('stop')
  assert.equal(watcher.status, 'stopped')
  assert.equal(watched.count('spawn'), 2)
})

test('a program that is done before the start is, is no failure with respawn = false', async () => {
  await using watched = new Watched({ cmd: 'true', numprocesses: 3, warmup_delay: 0.05, respawn: false })
  await watched.watcher.start()
  await watched.event('stop')
  assert.equal(watched.count('spawn'), 3)
  assert.ok(watched.names.indexOf('start') < watched.names.indexOf('stop'))
})

test('killNow ends everything at once, the descendants in other sessions too', async () => {
  await using watched = new Watched({ cmd: program('hides-its-children.sh'), numprocesses: 2 })
  const { watcher, hooks } = watched
  let text = ''
  hooks.output.tap('text', ({ data }) => {
    text += data
  })
  await watcher.start()
  await untilTrue(() => (text.match(/child \d+\n/g) ?? []).length === 4, 'four descendants')
  const descendants = [...text.matchAll(/child (\d+)/g)].map(([, pid]) => Number(pid))
  const stopped = watcher.stop()
  watcher.killNow()
  await stopped
  await untilTrue(() => !descendants.some(isAlive))
  assert.equal(
    watched.events.all
      .filter(({ event }) => event === 'spawn')
      .map(pidOf)
      .filter(isAlive).length,
    0,
  )
})
