import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isAlive, untilTrue } from '../../harness/index.ts'
import { descriptors } from '../posix/running.ts'
import { generator, Watched } from './watched.ts'

/** One thing that is asked of a watcher, or that happens to it. Its failure is part of the play. */
type Move = (watched: Watched, random: (n: number) => number) => Promise<unknown>

const ignored = (promise: Promise<unknown>) => promise.catch(() => {})

const moves: readonly Move[] = [
  ({ watcher }) => watcher.start(),
  ({ watcher }) => watcher.start(),
  ({ watcher }) => watcher.stop(),
  ({ watcher }) => watcher.restart(),
  ({ watcher }) => watcher.reload(),
  ({ watcher }) => watcher.reload({ sequential: true }),
  ({ watcher }) => watcher.reload({ graceful: false }),
  ({ watcher }) => watcher.resize(watcher.options.numprocesses + 1).done,
  ({ watcher }) => watcher.resize(watcher.options.numprocesses - 1).done,
  ({ watcher }, random) => watcher.resize(random(5)).done,
  ({ watcher }, random) => watcher.set({ numprocesses: random(4), 'env.X': String(random(100)) }),
  ({ watcher }, random) => watcher.set({ warmup_delay: random(2) / 100 }),
  async ({ watcher }, random) => {
    const { processes } = watcher
    const process = processes[random(processes.length || 1)]
    if (process) await watcher.kill(process)
  },
  async ({ watcher }, random) => {
    const { processes } = watcher
    processes[random(processes.length || 1)]?.signal(9)
  },
]

/** Whatever was asked before: it has as many processes as it should, and none when it is stopped. */
async function converges(watched: Watched): Promise<void> {
  const { watcher } = watched
  await untilTrue(() => watcher.status === 'active' || watcher.status === 'stopped', 'an end of the work')
  const wanted = () => (watcher.status === 'active' ? watcher.options.numprocesses : 0)
  await untilTrue(() => watcher.pids.length === wanted(), `${wanted()} processes instead of ${watcher.pids.length}`)
}

function spawned(watched: Watched): number[] {
  return watched.events.all
    .filter(({ event }) => event === 'spawn')
    .map(({ payload }) => payload['process_pid'] as number)
}

const variants = {
  'with nothing in between': () => {},
  'with hooks that take their time': (watched: Watched, random: (n: number) => number) => {
    const pause = () => new Promise<void>((resolve) => setTimeout(resolve, random(8)))
    const { beforeStart, beforeSpawn, afterSpawn, beforeReap, beforeSignal, beforeStop, afterStart } = watched.hooks
    for (const hook of [beforeStart, beforeSpawn, afterSpawn, beforeReap, beforeSignal, beforeStop, afterStart]) {
      hook.tapPromise('slow', pause as never)
    }
  },
}

for (const [title, prepare] of Object.entries(variants)) {
  for (const seed of [1, 2, 3]) {
    test(`200 random operations, ${title}: the state converges (seed ${seed})`, async () => {
      const rejections: unknown[] = []
      const reject = (error: unknown) => rejections.push(error)
      process.on('unhandledRejection', reject)
      {
        await using warm = await Watched.started({ cmd: 'true', respawn: false })
        await warm.event('stop')
      }
      const before = descriptors().length
      try {
        const random = generator(seed)
        await using watched = new Watched({
          cmd: 'sleep 60',
          numprocesses: 2,
          graceful_timeout: 1,
          respawn_delay: 0.001,
          respawn_delay_max: 0.01,
        })
        prepare(watched, random)
        const asked: Promise<unknown>[] = []
        for (let i = 0; i < 200; i++) {
          const move = moves[random(moves.length)]!
          asked.push(ignored((async () => move(watched, random))()))
          if (random(3) === 0) await new Promise((resolve) => setTimeout(resolve, random(12)))
        }
        await Promise.all(asked)
        await converges(watched)
        await ignored(watched.watcher.start())
        await watched.watcher.resize(3).done
        await converges(watched)
        const settled = watched.events.all.length
        await new Promise((resolve) => setTimeout(resolve, 50))
        // The end of a process that was killed last may still have been on its way.
        assert.ok(watched.names.length - settled <= 4, 'it is quiet')
        await converges(watched)
        assert.equal(watched.watcher.pids.length, 3)
        await watched.watcher.stop()
        assert.deepEqual(spawned(watched).filter(isAlive), [])
        await untilTrue(() => watched.count('reap') === watched.count('spawn'), 'as many ends as beginnings')
      } finally {
        process.off('unhandledRejection', reject)
      }
      assert.deepEqual(rejections, [])
      assert.equal(descriptors().length, before)
    })
  }
}
