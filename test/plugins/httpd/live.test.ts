import assert from 'node:assert/strict'
import test, { after, before, describe } from 'node:test'
import { mergePatch } from '../../../plugins/httpd/live/merge-patch.ts'
import { type RunningConsole, startConsole, ways } from './console.ts'
import type { Listening } from './visitor.ts'

const ini = `
[watcher:Web Site]
cmd = sleep 1000
numprocesses = 2
respawn_delay = 0

[watcher:talk]
cmd = sh -c 'echo "<b>one</b>"; echo two >&2; exec sleep 1000'

[watcher:chat]
cmd = sh -c 'echo "<b>one</b>"; echo two >&2; exec sleep 1000'

[socket:door]
host = 127.0.0.1
port = 0
`

for (const way of ways) {
  describe(`live, ${way}`, () => {
    let running: RunningConsole
    before(async () => {
      running = await startConsole(ini, '', { way })
    })
    after(() => running[Symbol.asyncDispose]())

    test('the whole state comes first, and then what changes in it: the figures, and processes that come and go', async () => {
      const admin = await running.admin()
      using page = await admin.follow('api/live')

      const state = await page.until('state')

      assert.deepEqual(Object.keys(state), ['daemon', 'watchers', 'sockets', 'plugins', 'panels'])
      const { 'Web Site': site } = state.watchers
      assert.deepEqual([site.status, site.wanted, site.alive, site.singleton], ['active', 2, 2, false])
      assert.equal(site.processes, undefined)
      assert.deepEqual([state.daemon.up, state.daemon.pid, state.daemon.history], [true, process.pid, true])
      assert.match(state.sockets.door.address, /^127\.0\.0\.1:\d+$/)
      assert.equal(state.plugins.httpd.isolated, way !== 'in the daemon')
      await page.until('patch', (patch) => patch.watchers?.['Web Site']?.rssBytes > 0)
      await admin.post('api/incr', { name: 'web site', waiting: true })
      await page.until('patch', (patch) => patch.watchers?.['Web Site']?.alive === 3)
      await page.until('events', ({ events }) => events.some(({ event }: { event: string }) => event === 'spawn'))
      await admin.post('api/decr', { name: 'web site', waiting: true })
      await page.until('patch', (patch) => patch.watchers?.['Web Site']?.alive === 2)
      assertNoNulls(state)
    })

    test('a page that looks at a watcher is told of its processes, and sees one die and come back', async () => {
      const admin = await running.admin()
      using page = await admin.follow('api/live?watcher=web%20site')
      const { watchers } = await page.until('state')
      const [pid = ''] = Object.keys(watchers['Web Site'].processes)
      assert.equal(watchers.talk.processes, undefined)
      assert.equal(watchers['Web Site'].processes[pid].command, 'sleep')

      process.kill(Number(pid), 'SIGKILL')

      const gone = await page.until('patch', (patch) => patch.watchers?.['Web Site']?.processes?.[pid] === null)
      assert.equal(Object.keys(gone.watchers['Web Site'].processes).length, 2)
      const told = await page.until('patch', (patch) => patch.watchers?.['Web Site']?.lastExit)
      const { lastExit, restarts } = told.watchers['Web Site']
      assert.deepEqual([lastExit.pid, lastExit.signal, lastExit.expected], [Number(pid), 'SIGKILL', false])
      assert.equal(restarts, 1)
      await page.until('events', ({ events }) =>
        events.some(
          (each: { event: string; payload: object }) =>
            each.event === 'reap' && JSON.stringify(each.payload).includes('-9'),
        ),
      )
    })

    test('two pages see the same, and one that comes later is told of the last events', async () => {
      const [one, two] = [await running.admin(), await running.admin()]
      using first = await one.follow('api/live')
      await first.until('state')
      await two.post('api/stop', { name: 'talk', waiting: true })
      await first.until('patch', (patch) => patch.watchers?.talk?.status === 'stopped')
      using second = await two.follow('api/live')
      assert.equal((await second.until('state')).watchers.talk.status, 'stopped')
      const { events } = await second.until('events')
      assert.ok(
        events.some(({ watcher, event }: { watcher: string; event: string }) => watcher === 'talk' && event === 'stop'),
      )
      await one.post('api/start', { name: 'talk', waiting: true })
      await Promise.all(
        [first, second].map((page) => page.until('patch', (patch) => patch.watchers?.talk?.status === 'active')),
      )
    })

    test('a page has the whole state, also when the last other one leaves while it comes', async () => {
      const [one, two] = [await running.admin(), await running.admin()]
      for (let round = 0; round < 5; round++) {
        const first = await one.follow('api/live')
        await first.until('state')
        const coming = two.follow('api/live?watcher=web%20site')
        first[Symbol.dispose]()
        using second = await coming
        const { daemon, watchers } = await second.until('state')
        assert.deepEqual([daemon.up, Object.keys(watchers['Web Site'].processes).length], [true, 2])
      }
    })

    test('a page that does not read keeps nobody up, and has the whole state when it reads again', async () => {
      const [one, two] = [await running.admin(), await running.admin()]
      using still = await one.follow('api/live')
      await still.until('state')
      using reading = await two.follow('api/live')
      await reading.until('state')
      still.pause()

      const note = 'x'.repeat(4_000)
      for (let round = 1; round <= 20; round++) {
        for (let at = 0; at < 200; at++) running.arbiter.events.publish('talk', 'noise', { note, round })
        await reading.until('events', ({ events }) => events.at(-1).payload.round === round)
      }
      await two.post('api/stop', { name: 'talk', waiting: true })
      await reading.until('patch', (patch) => patch.watchers?.talk?.status === 'stopped')
      still.resume()

      let states = 0
      const { watchers } = await still.until('state', () => ++states === 2)
      assert.equal(watchers.talk.status, 'stopped')
      // What buffers of the system hold is some ten megabytes; of the rest nothing was kept for it.
      assert.ok(still.bytes < 0.7 * reading.bytes, `${still.bytes} of ${reading.bytes}`)
      await two.post('api/start', { name: 'talk', waiting: true })
    })

    test('a watcher that is added and removed comes and goes; so does what it was called', async () => {
      const admin = await running.admin()
      using page = await admin.follow('api/live')
      await page.until('state')
      await admin.post('api/add', { name: '<img src=x>', cmd: 'sleep 1000', start: true, waiting: true })
      await page.until('patch', (patch) => patch.watchers?.['<img src=x>']?.alive === 1)
      await admin.post('api/rm', { name: '<img src=x>', waiting: true })
      await page.until('patch', (patch) => patch.watchers?.['<img src=x>'] === null)
    })

    test('output is followed from its last lines on, as it is, by stream and process, and can be kept as a file', async () => {
      const admin = await running.admin()
      using page = await admin.follow('api/follow?name=chat&lines=10')
      const first = await lines(page, 2)
      assert.deepEqual(first.map(({ stream, line }) => `${stream} ${line}`).sort(), ['stderr two', 'stdout <b>one</b>'])
      await admin.post('api/restart', { name: 'chat', waiting: true })
      await lines(page, 4)
      using errors = await admin.follow('api/follow?name=chat&stream=stderr')
      assert.equal((await lines(errors, 1))[0]?.line, 'two')
      const file = await admin.ask('api/output?name=chat&stream=stdout')
      assert.match(file.text, /^(<b>one<\/b>\n)+$/)
      assert.deepEqual(
        [file.headers['content-type'], file.headers['content-disposition']],
        ['text/plain; charset=utf-8', 'attachment; filename="chat.log"'],
      )
      assert.equal((await admin.ask('api/follow?name=nobody')).json.error.code, 'ERR_WATCHER_UNKNOWN')
    })

    test('who logs out sees no more of it', async () => {
      const admin = await running.admin()
      using page = await admin.follow('api/live')
      await page.until('state')
      await admin.ask('api/session', { method: 'DELETE', headers: { 'x-csrf-token': admin.csrf } })
      await page.until('end')
      await page.ended
    })
  })
}

test('while no page is open nothing is asked of the daemon', async () => {
  await using running = await startConsole(ini)
  const admin = await running.admin()
  const asked: string[] = []
  const page = await admin.follow('api/live')
  await page.until('patch')
  running.arbiter.hooks.command.tap('test', ({ name }) => void asked.push(name))
  await page.until('state')
  page[Symbol.dispose]()
  await running.client.call('incr', { name: 'talk', waiting: true })
  await admin.ask('api/list')
  const before = asked.filter((name) => name === 'describe').length
  await running.client.call('incr', { name: 'talk', waiting: true })
  await admin.ask('api/list')
  assert.equal(asked.filter((name) => name === 'describe').length, before)
})

test('a merge patch turns one tree into the other', () => {
  const [before, after] = [
    { a: 1, b: { c: 1, d: [1] }, e: 'x', f: { g: 1 } },
    { a: 1, b: { c: 2, d: [1] }, f: 3, h: { i: undefined, j: 1 } },
  ]
  assert.deepEqual(mergePatch(before, after), { b: { c: 2 }, e: null, f: 3, h: { i: undefined, j: 1 } })
  assert.equal(mergePatch(before, { ...before, x: undefined }), undefined)
  assert.deepEqual(mergePatch({ d: [1] }, { d: [1, 2] }), { d: [1, 2] })
  const odd = JSON.parse('{"__proto__": {"a": 1}, "constructor": {"a": 1}}')
  assert.equal(JSON.stringify(mergePatch({}, odd)), JSON.stringify(odd))
  assert.equal(JSON.stringify(mergePatch(odd, {})), '{"__proto__":null,"constructor":null}')
})

async function lines(page: Listening, count: number): Promise<{ stream: string; line: string }[]> {
  const all = () => page.all.filter(({ event }) => event === 'lines').flatMap(({ data }) => data.lines)
  await page.until('lines', () => all().length >= count)
  return all()
}

function assertNoNulls(value: unknown): void {
  assert.notEqual(value, null)
  if (typeof value === 'object') for (const each of Object.values(value as object)) assertNoNulls(each)
}
