import assert from 'node:assert/strict'
import { test } from 'node:test'
import { untilTrue } from '../../harness/index.ts'
import { pidOf, program, Watched } from './watched.ts'

/** A hook that waits until it is let go, and tells how many wait. */
function gate() {
  const waiting: (() => void)[] = []
  let shut = false
  return {
    tap: () =>
      shut ? new Promise<undefined>((resolve) => waiting.push(() => resolve(undefined))) : Promise.resolve(undefined),
    get waiting() {
      return waiting.length
    },
    close() {
      shut = true
    },
    open() {
      shut = false
      for (const go of waiting.splice(0)) go()
    },
  }
}

/** A turn for everything that is ready to run. */
const turns = async () => {
  for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve))
}

test('decr during a slow before_spawn of a successor: there is no process too many', async () => {
  const before = gate()
  await using watched = new Watched({ cmd: 'sleep 60', numprocesses: 2, respawn_delay: 0.001 })
  const { watcher } = watched
  watched.hooks.beforeSpawn.tapPromise('gate', before.tap)
  await watcher.start()
  before.close()
  watcher.processes[0]!.signal(9)
  await untilTrue(() => before.waiting === 1)
  const resized = watcher.resize(1).done
  before.open()
  await resized
  await turns()
  await untilTrue(() => watcher.pids.length === 1)
})

test('stop and start during a slow before_spawn: there is no process too many', async () => {
  const before = gate()
  await using watched = new Watched({ cmd: 'sleep 60', numprocesses: 2 })
  const { watcher } = watched
  watched.hooks.beforeSpawn.tapPromise('gate', before.tap)
  before.close()
  const first = watcher.start().catch(() => {})
  await untilTrue(() => before.waiting === 1)
  await watcher.stop()
  await first
  const second = watcher.start()
  await turns()
  before.open()
  await second
  await turns()
  assert.equal(watcher.pids.length, 2)
})

test('stop and start during a slow before_reap: there is no process too many', async () => {
  const before = gate()
  await using watched = new Watched({ cmd: 'sleep 60', numprocesses: 2, respawn_delay: 0.001 })
  const { watcher } = watched
  watched.hooks.beforeReap.tapPromise('gate', before.tap)
  await watcher.start()
  before.close()
  watcher.processes[0]!.signal(9)
  await untilTrue(() => before.waiting === 1)
  const again = watcher.restart()
  await untilTrue(() => watched.count('spawn') === 4 || before.waiting === 2)
  before.open()
  await again
  await turns()
  await new Promise((resolve) => setTimeout(resolve, 30))
  assert.equal(watcher.pids.length, 2)
})

test('decr during a slow before_reap: there is no process too many', async () => {
  const before = gate()
  await using watched = new Watched({ cmd: 'sleep 60', numprocesses: 2, respawn_delay: 0.001 })
  const { watcher } = watched
  watched.hooks.beforeReap.tapPromise('gate', before.tap)
  await watcher.start()
  before.close()
  watcher.processes[0]!.signal(9)
  await untilTrue(() => before.waiting === 1)
  const resized = watcher.resize(1).done
  await turns()
  before.open()
  await resized
  await turns()
  await new Promise((resolve) => setTimeout(resolve, 30))
  assert.equal(watcher.pids.length, 1)
})

test('reload during a slow before_reap: there is no process too many', async () => {
  const before = gate()
  await using watched = new Watched({ cmd: 'sleep 60', numprocesses: 2, respawn_delay: 0.001 })
  const { watcher } = watched
  watched.hooks.beforeReap.tapPromise('gate', before.tap)
  await watcher.start()
  before.close()
  watcher.processes[0]!.signal(9)
  await untilTrue(() => before.waiting === 1)
  const reloaded = watcher.reload()
  await turns()
  before.open()
  await reloaded
  await turns()
  await new Promise((resolve) => setTimeout(resolve, 30))
  assert.equal(watcher.pids.length, 2)
})

test('stop is told after the ends of all processes, however long before_reap takes', async () => {
  const before = gate()
  await using watched = new Watched({ cmd: 'sleep 60', numprocesses: 2 })
  const { watcher } = watched
  watched.hooks.beforeReap.tapPromise('gate', before.tap)
  await watcher.start()
  before.close()
  const stopped = watcher.stop()
  await untilTrue(() => before.waiting === 2)
  await turns()
  before.open()
  await stopped
  await untilTrue(() => watched.count('reap') === 2)
  assert.equal(watched.names.at(-1), 'stop')
})

test('a number that changes during a reload is followed once it is over', async () => {
  await using watched = await Watched.started({ cmd: 'sleep 60', numprocesses: 2, warmup_delay: 0.02 })
  const { watcher } = watched
  const reloaded = watcher.reload()
  const resized = watcher.resize(4).done
  await Promise.all([reloaded, resized])
  assert.equal(watcher.pids.length, 4)
  const again = watcher.reload()
  const smaller = watcher.resize(1).done
  await Promise.all([again, smaller])
  assert.equal(watcher.pids.length, 1)
})

test('a number that changes during a start is followed once it is over', async () => {
  await using watched = new Watched({ cmd: 'sleep 60', numprocesses: 3, warmup_delay: 0.02 })
  const { watcher } = watched
  const started = watcher.start()
  const resized = watcher.resize(1).done
  await Promise.all([started, resized])
  assert.equal(watcher.pids.length, 1)
})

test('deaths during a start, a reload, a resize and a stop are made good', async () => {
  await using watched = new Watched({ cmd: 'sleep 60', numprocesses: 4, warmup_delay: 0.01, respawn_delay: 0.001 })
  const { watcher } = watched
  /** Kill the oldest process at each of the first three spawns, for as long as the work goes on. */
  const killingDuring = async (work: Promise<unknown>) => {
    for (let i = 0; i < 3; i++) {
      const spawned = watched.event('spawn', { from: watched.events.all.length }).catch(() => {})
      await Promise.race([work, spawned])
      watcher.processes[0]?.signal(9)
    }
    await work
  }
  await killingDuring(watcher.start())
  await untilTrue(() => watcher.pids.length === 4)
  await killingDuring(watcher.reload())
  await untilTrue(() => watcher.pids.length === 4)
  await killingDuring(watcher.resize(8).done)
  await untilTrue(() => watcher.pids.length === 8)
  const [victim] = watcher.processes
  const stopped = watcher.stop()
  victim!.signal(9)
  await stopped
  assert.deepEqual(watcher.pids, [])
  assert.equal(watched.count('reap'), watched.count('spawn'))
})

test('a process that dies while it is being replaced one by one is replaced once', async () => {
  await using watched = await Watched.started({ cmd: program('ready.sh'), numprocesses: 3, respawn_delay: 0.001 })
  const { watcher } = watched
  const third = watcher.processes[2]!
  const reloaded = watcher.reload({ sequential: true })
  third.signal(9)
  await reloaded
  await untilTrue(() => watcher.pids.length === 3)
  await turns()
  assert.equal(watcher.pids.length, 3)
  assert.ok(!watcher.pids.includes(third.pid))
})

test('kill of a process that is being stopped anyway ends it once', async () => {
  await using watched = await Watched.started({ cmd: 'sleep 60' })
  const { watcher } = watched
  const [process] = watcher.processes
  await Promise.all([watcher.stop(), watcher.kill(process!), watcher.kill(process!)])
  assert.deepEqual(watcher.pids, [])
  assert.deepEqual(watched.events.all.filter(({ event }) => event === 'reap').map(pidOf), [process!.pid])
})
