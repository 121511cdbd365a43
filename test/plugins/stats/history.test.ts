import assert from 'node:assert/strict'
import { test } from 'node:test'
import { History } from '../../../plugins/stats/history.ts'
import { startStats, ways } from './daemon.ts'

const noon = 1_795_435_200
const asked = { step: 'second', points: 3, processes: false } as const
const process = (pid: number, cpu: number, rss: number, startTime = 1) => ({ pid, startTime, cpu, rss })
const about = (values: unknown) => (values as (number | null)[]).map((value) => value && Math.round(value / 10_000))

test('a watcher has the sum of its processes, by the second', () => {
  const history = new History()
  history.record('web', noon, [process(1, 10, 1e6), process(2, 20, 2e6)], true)
  history.record('web', noon + 2, [process(1, 5, 1e6)], true)

  const { rss, ...rest } = history.answer({ ...asked, name: 'Web' }, noon + 2.5) as Record<string, unknown>

  assert.deepEqual(rest, { step: 1, until: noon + 2, points: 3, name: 'Web', cpu: [30, null, 5], count: [2, null, 1] })
  assert.deepEqual(about(rss), [300, null, 100])
})

test('by the minute it is the average of all looks', () => {
  const history = new History()
  history.record('web', noon, [process(1, 10, 1e6)], true)
  history.record('web', noon + 30, [process(1, 30, 3e6)], true)
  history.record('web', noon + 60, [process(1, 50, 5e6)], false)
  const { cpu, rss, until } = history.answer({ ...asked, step: 'minute', name: 'web' }, noon + 119) as Record<
    string,
    unknown
  >
  assert.deepEqual(cpu, [null, 20, 50])
  assert.deepEqual(about(rss), [null, 200, 500])
  assert.equal(until, noon + 60)
})

test('each process has its own, which ends with it; another process of the same pid begins anew', () => {
  const history = new History()
  history.record('web', noon, [process(1, 10, 1e6), process(2, 20, 2e6)], true)
  history.record('web', noon + 1, [process(2, 30, 2e6, 99)], true)

  const { processes } = history.answer({ ...asked, name: 'web', processes: true }, noon + 1) as Record<string, object>

  assert.deepEqual(Object.keys(processes!), ['2'])
  const { cpu } = history.answer({ ...asked, name: 'web', process: 2 }, noon + 1) as Record<string, unknown>
  assert.deepEqual(cpu, [null, null, 30])
  assert.throws(() => history.answer({ ...asked, name: 'web', process: 1 }, noon), { code: 'ERR_PROCESS_UNKNOWN' })
})

test('watchers that are gone are forgotten', () => {
  const history = new History()
  history.record('web', noon, [process(1, 10, 1e6)], true)
  history.record('db', noon, [], true)
  history.follow(new Set(['db', 'new']))
  const { watchers } = history.answer(asked, noon) as Record<string, object>
  assert.deepEqual(Object.keys(watchers!), ['db', 'new'])
  assert.throws(() => history.answer({ ...asked, name: 'web' }, noon), { code: 'ERR_WATCHER_UNKNOWN' })
})

test('a day of 500 processes takes 4.1 MB, and two days no more', () => {
  const history = new History()
  const all = Array.from({ length: 500 }, (_, at) => process(at, at, at * 1e6))
  for (let second = 0; second < 700; second++) history.record('web', noon + second, all, true)
  for (let minute = 0; minute < 1500; minute++) history.record('web', noon + 700 + minute * 60, all, false)
  for (let second = 0; second < 700; second++) history.record('web', noon + 100_000 + second, all, true)
  const day = history.bytes
  assert.equal(day, 500 * (600 + 1440) * 2 * 2 + (600 + 1440) * 3 * 2)
  for (let minute = 0; minute < 1500; minute++) history.record('web', noon + 200_000 + minute * 60, all, false)
  assert.ok(history.bytes <= day)
})

test('a reply has 100,000 values at most, however much is asked for', () => {
  const history = new History()
  const all = Array.from({ length: 500 }, (_, at) => process(at, at, at * 1e6))
  history.record('web', noon, all, true)
  const reply = history.answer({ ...asked, name: 'web', processes: true, points: 600 }, noon) as { points: number }
  assert.equal(reply.points, Math.floor(100_000 / (3 * 501)))
})

for (const way of Object.keys(ways) as (keyof typeof ways)[]) {
  test(`${way}: whoever may look is answered; what nobody listened to by the second is there by the minute`, async () => {
    await using daemon = await startStats(way, '[watcher:web]\ncmd = sleep 60\nnumprocesses = 2\n')
    const [pid] = daemon.arbiter.watcher('web').pids
    const ask = (more: Record<string, unknown>) =>
      daemon.client.call<Record<string, (number | null)[]>>('history', more)

    const before = await ask({ name: 'web' })
    assert.ok(before['cpu']!.every((value) => value === null))

    // Whoever asks is taken to ask again: from now on it is by the second.
    await using listener = await daemon.listen(['stat.web'])
    await listener.next('stat.web', 2)
    const { cpu, rss, count } = await ask({ name: 'WEB' })
    assert.ok(cpu!.some((value) => value !== null))
    assert.ok(rss!.some((value) => value! > 0))
    assert.equal(count!.at(-1) ?? count!.at(-2), 2)
    const own = await ask({ name: 'web', process: pid, step: 'minute', points: '5' })
    assert.equal(own['rss']!.length, 5)
    assert.ok(own['rss']!.at(-1)! > 0 || own['rss']!.at(-2)! > 0)
    const { watchers } = await daemon.client.call<{ watchers: object }>('history')
    assert.deepEqual(Object.keys(watchers).sort(), ['circus', 'web'])
    await assert.rejects(ask({ name: 'nobody' }), { errno: 3 })
    await assert.rejects(ask({ step: 'hour' }), { errno: 3 })
    const { commands } = await daemon.client.call<{ commands: Record<string, { plugin: string }> }>('commands')
    assert.equal(commands['history']!.plugin, 'stats')
  })
}

test('who asks for the history of what nobody listens to gets it by the second from then on', async () => {
  await using daemon = await startStats('in the daemon', '[watcher:web]\ncmd = sleep 60\n')
  for (;;) {
    const { watchers } = await daemon.client.call<{ watchers: Record<string, { count: (number | null)[] }> }>('history')
    if (watchers['web']?.count.includes(1)) break
  }
})
