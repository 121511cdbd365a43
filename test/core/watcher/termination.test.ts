import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isAlive, untilDead, untilTrue } from '../../harness/index.ts'
import { pidOf, program, Watched } from './watched.ts'

/** Start a watcher and wait until its output matches so many times. */
async function startedAndReady(options: ConstructorParameters<typeof Watched>[0], pattern: RegExp, count: number) {
  const watched = new Watched(options)
  let text = ''
  watched.hooks.output.tap('text', ({ data }) => {
    text += data
  })
  await watched.watcher.start()
  await untilTrue(() => [...text.matchAll(pattern)].length >= count, String(pattern))
  return { watched, matches: () => [...text.matchAll(pattern)].map(([, word]) => Number(word)) }
}

test('a process that ignores the stop signal gets SIGKILL after graceful_timeout', async () => {
  const { watched } = await startedAndReady({ cmd: program('ignores-sigterm.sh'), graceful_timeout: 0.1 }, /ready/g, 1)
  await using _ = watched
  const began = performance.now()
  await watched.watcher.stop()
  assert.ok(performance.now() - began >= 95)
  const reap = await watched.event('reap')
  assert.equal(reap.payload['exit_code'], -9)
  assert.equal(watched.count('kill'), 2)
})

test('many that ignore the stop signal are killed together', async () => {
  const { watched } = await startedAndReady(
    { cmd: program('ignores-sigterm.sh'), graceful_timeout: 0.1, numprocesses: 20 },
    /ready/g,
    20,
  )
  await using _ = watched
  const { pids } = watched.watcher
  await watched.watcher.stop()
  assert.deepEqual(pids.filter(isAlive), [])
})

test('SIGKILL reaches the descendants in other sessions', async () => {
  const { watched, matches } = await startedAndReady(
    { cmd: program('hides-its-children.sh'), graceful_timeout: 0.1 },
    /child (\d+)\n/g,
    2,
  )
  await using _ = watched
  const descendants = matches()
  assert.ok(descendants.every(isAlive))
  await watched.watcher.stop()
  await untilDead(...descendants)
})

test('a child that is started because its predecessor was killed does not survive either', async () => {
  for (let round = 0; round < 5; round++) {
    const { watched, matches } = await startedAndReady(
      { cmd: program('replaces-its-child.sh'), graceful_timeout: 0.02 },
      /child (\d+)\n/g,
      1,
    )
    await using _ = watched
    await watched.watcher.stop()
    await untilDead(...matches())
    assert.equal(matches().length, 1)
  }
})

test('a process that ends in time leaves its children alone', async () => {
  const { watched, matches } = await startedAndReady(
    { cmd: `sh -c "sleep 60 & echo child $!; trap 'exit 0' TERM; while :; do sleep 0.02; done"` },
    /child (\d+)\n/g,
    1,
  )
  await using _ = watched
  await watched.watcher.stop()
  const [child] = matches()
  assert.ok(isAlive(child!))
  process.kill(child!, 'SIGKILL')
  await untilDead(child!)
})

test('with stop_children the stop signal goes to the children too', async () => {
  const { watched, matches } = await startedAndReady(
    { cmd: `sh -c "sleep 60 & echo child $!; trap 'exit 0' TERM; while :; do sleep 0.02; done"`, stop_children: true },
    /child (\d+)\n/g,
    1,
  )
  await using _ = watched
  await watched.watcher.stop()
  await untilDead(...matches())
})

test('stop_signal is what is sent', async () => {
  await using watched = await Watched.started({ cmd: 'sleep 60', stop_signal: 'SIGUSR1' })
  await watched.watcher.stop()
  assert.equal((await watched.event('reap')).payload['exit_code'], -10)
})

test('a hook keeps the stop signal back, but not SIGKILL', async () => {
  await using watched = await Watched.started({ cmd: 'sleep 60', graceful_timeout: 0.1 })
  const seen: number[] = []
  watched.hooks.beforeSignal.tapPromise('no', async ({ signum }) => {
    seen.push(signum)
    return false
  })
  await watched.watcher.stop()
  assert.deepEqual(seen, [15, 9])
  assert.equal((await watched.event('reap')).payload['exit_code'], -9)
  assert.equal(watched.count('kill'), 1)
})

test('a process that is halted is ended as well', async () => {
  await using watched = await Watched.started({ cmd: 'sleep 60', graceful_timeout: 0.05 })
  watched.watcher.processes[0]!.signal(19)
  await watched.watcher.stop()
  assert.deepEqual(watched.watcher.pids, [])
})

test('a process that becomes somebody else stays known, and is not mistaken when its pid is used again', async () => {
  await using watched = await Watched.started({ cmd: 'sleep 60', respawn_delay: 0.001 })
  const [first] = watched.watcher.processes
  first!.signal(9)
  const second = pidOf(await watched.event('spawn', { count: 2 }))
  assert.equal(first!.signal(9), false)
  await watched.watcher.kill(first!)
  assert.ok(isAlive(second))
})
