import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HookTarget } from '../../../core/index.ts'
import type { HookContext } from '../../../plugins/hooks/index.ts'
import { isAlive, type RunningArbiter, startArbiter, untilDead } from '../../harness/index.ts'

const vetoes = ['before_start', 'after_start', 'before_spawn', 'after_spawn'] as const
const tells = ['before_stop', 'after_stop', 'after_signal', 'before_reap', 'after_reap'] as const

const says = (answer: unknown) => () => answer
const throws = () => {
  throw new Error('out of order')
}

/** A watcher that is not started yet, with one hook. */
function startWith(hook: string, target: HookTarget, ignoreFailure = false): Promise<RunningArbiter> {
  const hooks = { [hook]: [target, ignoreFailure] as const }
  return startArbiter({
    watchers: [{ name: 'web', cmd: 'sleep 60', numprocesses: 2, autostart: false, graceful_timeout: 0.1, hooks }],
  })
}

const start = ({ arbiter }: RunningArbiter) => arbiter.watcher('web').start()

const outcomes = ({ events }: RunningArbiter, hook: string) =>
  events.all.filter(({ event, payload }) => event.startsWith('hook_') && payload['name'] === hook)

for (const hook of vetoes) {
  test(`${hook}: false aborts the start, and no process is left`, async () => {
    await using running = await startWith(hook, says(false))

    await assert.rejects(start(running), { code: 'ERR_VETOED' })

    const watcher = running.arbiter.watcher('web')
    assert.equal(watcher.status, 'stopped')
    assert.match(watcher.reason ?? '', new RegExp(hook))
    const spawned = running.events.all.filter(({ event }) => event === 'spawn')
    assert.equal(spawned.length > 0, hook.startsWith('after'))
    await untilDead(...spawned.map(({ payload }) => payload['process_pid'] as number))
    assert.equal(outcomes(running, hook)[0]?.event, 'hook_success')
  })

  test(`${hook}: nothing, or anything but false, lets the start pass`, async () => {
    for (const answer of [undefined, null, 0, '', true, Promise.resolve()]) {
      await using running = await startWith(hook, says(answer))
      await start(running)
      assert.equal(running.arbiter.watcher('web').pids.length, 2)
    }
  })

  test(`${hook}: a failure aborts the start, unless it is ignored`, async () => {
    for (const failing of [throws, async () => throws()]) {
      await using strict = await startWith(hook, failing)
      await assert.rejects(start(strict), { code: 'ERR_VETOED' })
      const [failure] = outcomes(strict, hook)
      assert.equal(failure?.event, 'hook_failure')
      assert.equal(failure.payload['error'], 'out of order')

      await using lenient = await startWith(hook, failing, true)
      await start(lenient)
      assert.equal(outcomes(lenient, hook)[0]?.event, 'hook_failure')
    }
  })
}

for (const hook of tells) {
  test(`${hook}: neither false nor a failure changes anything`, async () => {
    for (const target of [says(false), throws]) {
      await using running = await startWith(hook, target)
      const { started } = await start(running)
      await running.arbiter.watcher('web').stop()

      assert.equal(running.arbiter.watcher('web').status, 'stopped')
      assert.equal(started.some(isAlive), false)
      const expected = target === throws ? 'hook_failure' : 'hook_success'
      const outcome = await running.events.until(({ payload }) => payload['name'] === hook)
      assert.equal(outcome.event, expected)
    }
  })
}

test('before_signal: false keeps a signal back, but not SIGKILL', async () => {
  await using running = await startWith('before_signal', says(false))
  const [pid] = (await start(running)).started
  const process = running.arbiter.watcher('web').process(pid!)

  assert.equal(await running.arbiter.watcher('web').signal(process, 15), false)
  assert.ok(isAlive(pid!))
  assert.equal(await running.arbiter.watcher('web').signal(process, 9), true)
  await untilDead(pid!)
})

test('before_signal: a failure keeps a signal back, unless it is ignored', async () => {
  for (const ignoreFailure of [false, true]) {
    await using running = await startWith('before_signal', throws, ignoreFailure)
    const [pid] = (await start(running)).started
    const watcher = running.arbiter.watcher('web')
    assert.equal(await watcher.signal(watcher.process(pid!), 18), ignoreFailure)
  }
})

test('before_signal: a stop whose signal is kept back ends with SIGKILL after the grace time', async () => {
  const seen: unknown[] = []
  const note = ({ signum }: HookContext) => {
    seen.push(signum)
    return false
  }
  const hooks = { before_signal: note }
  await using running = await startArbiter({
    watchers: [{ name: 'web', cmd: 'sleep 60', graceful_timeout: 0.1, hooks }],
  })

  await running.arbiter.watcher('web').stop()

  const { payload } = await running.events.event('web.reap')
  assert.equal(payload['exit_code'], -9)
  assert.deepEqual(seen, [15, 9])
})

test('a veto of a successor stops the watcher, and its status says why', async () => {
  let starts = 0
  const hooks = { before_spawn: () => ++starts === 1 }
  await using running = await startArbiter({ watchers: [{ name: 'web', cmd: 'sleep 60', hooks }] })

  process.kill(running.arbiter.watcher('web').pids[0]!, 'SIGKILL')
  await running.events.event('web.stop')

  assert.match((await running.client.call<{ reason: string }>('status', { name: 'web' })).reason, /before_spawn/)
})
