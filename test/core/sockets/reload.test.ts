import assert from 'node:assert/strict'
import test from 'node:test'
import { isAlive, type RunningArbiter, startArbiter } from '../../harness/index.ts'
import { answers, ask } from './asking.ts'

const web = (release: string, more = '') => `[socket:web]
host = 127.0.0.1
port = 0
[watcher:web]
cmd = ${answers('$(circus.sockets.web)', release)}
use_sockets = true
numprocesses = 2
respawn_delay = 0
${more}`

/** Ask without a pause while something is done; tells who answered. Rejects when one request fails. */
async function askMeanwhile({ arbiter }: RunningArbiter, work: () => Promise<unknown>): Promise<Set<number>> {
  const pids = new Set<number>()
  let done = false
  const asking = Array.from({ length: 4 }, async () => {
    do pids.add((await ask(arbiter, 'web')).pid)
    while (!done)
  })
  await work().finally(() => {
    done = true
  })
  await Promise.all(asking)
  return pids
}

for (const sequential of [false, true]) {
  test(`a reload (sequential: ${sequential}) loses no connection: the new processes come first`, async () => {
    await using running = await startArbiter(web('1'))
    const { arbiter, client, events } = running
    const old = arbiter.watcher('web').pids
    await ask(arbiter, 'web')

    const answered = await askMeanwhile(running, () =>
      client.call('reload', { name: 'web', sequential, waiting: true }, { timeoutMs: 60_000 }),
    )

    const young = arbiter.watcher('web').pids
    assert.equal(young.length, 2)
    assert.deepEqual(
      young.filter((pid) => old.includes(pid)),
      [],
    )
    assert.ok(young.some((pid) => answered.has(pid)))
    const order = events.all.filter(({ event }) => event === 'spawn' || event === 'reap').map(({ event }) => event)
    assert.equal(order[2], 'spawn')
  })

  test(`a release that ends at once (sequential: ${sequential}) is given up, and no request is lost`, async () => {
    await using running = await startArbiter(web('1'))
    const { arbiter, client, events } = running
    const old = arbiter.watcher('web').pids
    await ask(arbiter, 'web')
    arbiter.hooks.beforeSpawn.tap('broken release', (spec) => {
      spec.argv = ['false']
      return undefined
    })

    const failed = assert.rejects(
      askMeanwhile(running, () =>
        client.call('reload', { name: 'web', sequential, waiting: true }, { timeoutMs: 60_000 }),
      ),
      {
        code: 'ERR_RELOAD_FAILED',
        reason: /^web was not reloaded, the old processes stay: new process \d+ exited with status 1$/,
      },
    )

    await failed
    assert.deepEqual(arbiter.watcher('web').pids, old)
    assert.deepEqual(old.map(isAlive), [true, true])
    assert.equal(arbiter.watcher('web').status, 'active')
    assert.match(String((await events.event('web.reload_failed')).payload['reason']), /exited with status 1/)
    await ask(arbiter, 'web')
  })
}

test('a reload of all watchers tells that one of them failed, and the others are reloaded', async () => {
  await using running = await startArbiter(`${web('1')}[watcher:other]\ncmd = sleep 60\n`)
  const { arbiter, client } = running
  const [web1, other] = [arbiter.watcher('web').pids, arbiter.watcher('other').pids]
  arbiter.hooks.beforeSpawn.tap('broken release', (spec) => {
    if (spec.watcher === 'web') spec.argv = ['false']
    return undefined
  })

  await assert.rejects(client.call('reload', { waiting: true }, { timeoutMs: 60_000 }), { code: 'ERR_RELOAD_FAILED' })

  assert.deepEqual(arbiter.watcher('web').pids, web1)
  assert.notDeepEqual(arbiter.watcher('other').pids, other)
})

test('stop in the middle of a reload ends old and new processes', async () => {
  await using running = await startArbiter(web('1'))
  const { arbiter, client, events } = running
  const reloading = client.call('reload', { name: 'web', waiting: true }, { timeoutMs: 60_000 })
  const aborted = assert.rejects(reloading, { code: 'ERR_START_ABORTED' })
  await events.event('web.spawn', { count: 4 })

  await client.call('stop', { name: 'web', waiting: true })

  await aborted
  assert.deepEqual([arbiter.watcher('web').pids, arbiter.watcher('web').status], [[], 'stopped'])
  assert.equal(
    events.all.some(({ event }) => event === 'reload_failed'),
    false,
  )
})

test('a singleton never has two processes, its socket keeps who comes meanwhile', async () => {
  await using running = await startArbiter(web('1', 'singleton = true\n').replace('numprocesses = 2\n', ''))
  const { arbiter, client } = running
  const [old] = arbiter.watcher('web').pids
  await ask(arbiter, 'web')

  await askMeanwhile(running, () => client.call('reload', { name: 'web', waiting: true }, { timeoutMs: 60_000 }))

  assert.equal(arbiter.watcher('web').pids.length, 1)
  assert.notEqual(arbiter.watcher('web').pids[0], old)
})

test('new processes that die while others of them are still being started are not forgotten', async () => {
  await using running = await startArbiter(web('1').replace('respawn_delay = 0', 'respawn_delay = 600'))
  const { arbiter } = running
  const old = arbiter.watcher('web').pids
  await ask(arbiter, 'web')
  arbiter.hooks.beforeSpawn.tap('broken release', (spec) => {
    spec.argv = ['false']
    return undefined
  })
  arbiter.hooks.afterSpawn.tapPromise('slow', async (process) => {
    await process.exited
    return undefined
  })

  await assert.rejects(arbiter.watcher('web').reload(), { code: 'ERR_RELOAD_FAILED' })

  assert.deepEqual(arbiter.watcher('web').pids, old)
  await ask(arbiter, 'web')
})
