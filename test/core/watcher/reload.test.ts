import assert from 'node:assert/strict'
import { rmSync, symlinkSync } from 'node:fs'
import { test } from 'node:test'
import { isAlive, temporaryFolder } from '../../harness/index.ts'
import { program, Watched } from './watched.ts'

test('reload replaces all at once: the old ones are stopped when all new ones run', async () => {
  await using watched = await Watched.started({ cmd: 'sleep 60', numprocesses: 4, warmup_delay: 0.005 })
  const { watcher } = watched
  const old = watcher.pids
  watched.resetAlive()
  const from = watched.events.all.length
  const changes = await watcher.reload()
  assert.deepEqual(changes.stopped, old)
  assert.deepEqual(changes.kept, [])
  assert.deepEqual(changes.started, watcher.pids)
  assert.equal(watched.alive.least, 4)
  assert.equal(watched.alive.most, 8)
  const names = watched.names.slice(from)
  assert.deepEqual(names.slice(0, 4), Array(4).fill('spawn'))
  // The first may have ended before the last is told to.
  assert.deepEqual(names.slice(4, -1).sort(), [...Array(4).fill('kill'), ...Array(4).fill('reap')])
  assert.equal(names.at(-1), 'reload')
})

test('a sequential reload replaces one by one', async () => {
  await using watched = await Watched.started({ cmd: 'sleep 60', numprocesses: 3 })
  const { watcher } = watched
  const old = watcher.pids
  watched.resetAlive()
  const from = watched.events.all.length
  const changes = await watcher.reload({ sequential: true })
  assert.deepEqual(changes.stopped, old)
  assert.equal(changes.started.length, 3)
  assert.deepEqual([watched.alive.least, watched.alive.most], [2, 3])
  const each = ['kill', 'reap', 'spawn']
  assert.deepEqual(watched.names.slice(from), [...each, ...each, ...each, 'reload'])
})

test('with send_hup the processes stay and get SIGHUP', async () => {
  await using watched = new Watched({
    cmd: `sh -c "trap 'echo got HUP' HUP; echo ready; while :; do sleep 0.02; done"`,
    send_hup: true,
  })
  const { watcher, hooks } = watched
  const { promise: got, resolve: hup } = Promise.withResolvers<void>()
  const { promise: up, resolve: ready } = Promise.withResolvers<void>()
  hooks.output.tap('lines', ({ data }) => {
    if (data.includes('ready')) ready()
    if (data.includes('got HUP')) hup()
  })
  await watcher.start()
  await up
  const { pids } = watcher
  assert.deepEqual(await watcher.reload(), { started: [], kept: pids, stopped: [] })
  await got
  assert.deepEqual(watcher.pids, pids)
})

test('a reload that is not graceful is a restart', async () => {
  await using watched = await Watched.started({ cmd: 'sleep 60', numprocesses: 2, send_hup: true })
  const { watcher } = watched
  const old = watcher.pids
  const changes = await watcher.reload({ graceful: false })
  assert.deepEqual(changes.stopped, old)
  assert.ok(watched.names.includes('stop'))
})

test('a singleton never has two processes', async () => {
  await using watched = await Watched.started({ cmd: 'sleep 60', singleton: true })
  const { watcher } = watched
  watched.resetAlive()
  const changes = await watcher.reload()
  assert.equal(changes.started.length, 1)
  assert.equal(watched.alive.most, 1)
  assert.throws(() => watcher.resize(2), { code: 'ERR_SINGLETON' })
  assert.deepEqual(watcher.pids, changes.started)
})

for (const sequential of [false, true]) {
  const title = sequential ? 'one by one' : 'all at once'
  test(`a reload (${title}) to a program that is gone fails, and old processes stay`, async () => {
    using folder = temporaryFolder()
    const cmd = folder.path('program')
    symlinkSync('/bin/sleep', cmd)
    await using watched = await Watched.started({
      cmd: `${cmd} 60`,
      numprocesses: 3,
      max_retry: 2,
      respawn_delay: 0.01,
    })
    const { watcher } = watched
    const old = watcher.pids
    rmSync(cmd)
    await assert.rejects(watcher.reload({ sequential }), { code: 'ERR_SPAWN_FAILED', message: /no such file/ })
    // Whatever the failure has set in motion comes before this.
    await watcher.signal(watcher.processes[0]!, 0).catch(() => {})
    await new Promise((resolve) => setTimeout(resolve, 50))
    assert.equal(watcher.status, 'active')
    const kept = old.filter(isAlive)
    assert.ok(kept.length >= (sequential ? 2 : 3), `${kept.length} of 3 are left`)
  })
}

test('an old process that dies during a reload that fails is replaced after it', async () => {
  using folder = temporaryFolder()
  const cmd = folder.path('program')
  symlinkSync('/bin/sleep', cmd)
  await using watched = await Watched.started({ cmd: `${cmd} 60`, numprocesses: 2, max_retry: 2, respawn_delay: 0.03 })
  const { watcher } = watched
  rmSync(cmd)
  const reloaded = watcher.reload()
  await watched.log.record(/attempt 1/)
  watcher.processes[0]!.signal(9)
  await assert.rejects(reloaded, { code: 'ERR_SPAWN_FAILED' })
  symlinkSync('/bin/sleep', cmd)
  await watched.event('spawn', { count: 3 })
  assert.equal(watcher.pids.length, 2)
})

test('stop cuts a reload short', async () => {
  await using watched = await Watched.started({ cmd: 'sleep 60', numprocesses: 2 })
  const { watcher } = watched
  await watcher.set({ warmup_delay: 60 })
  const reloaded = watcher.reload()
  const stopped = watcher.stop()
  await assert.rejects(reloaded, { code: 'ERR_START_ABORTED' })
  await stopped
  assert.deepEqual(watcher.pids, [])
})

test('new processes that die during a reload are made good', async () => {
  await using watched = await Watched.started({
    cmd: program('ready.sh'),
    numprocesses: 2,
    warmup_delay: 0.05,
    respawn_delay: 0.001,
    close_child_stdout: true,
  })
  const { watcher } = watched
  const old = watcher.pids
  const reloaded = watcher.reload()
  await watched.event('spawn', { count: 3 })
  watcher.processes.at(-1)!.signal(9)
  await reloaded
  await watched.event('spawn', { count: 5 })
  assert.equal(watcher.pids.length, 2)
  assert.ok(!watcher.pids.some((pid) => old.includes(pid)))
})
