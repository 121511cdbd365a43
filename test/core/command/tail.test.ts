import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EventSubscriber } from '../../../core/client.ts'
import { type RunningArbiter, startArbiter } from '../../harness/index.ts'

interface Reply {
  readonly watchers: string[]
  readonly processes: {
    watcher: string
    wid: number
    pid: number
    started: number
    running: boolean
    sequence: number
    kept_from: number
  }[]
  readonly lines: { watcher: string; pid: number; stream: string; time: number; sequence: number; line: string }[]
  readonly truncated: boolean
}

const tail = (running: RunningArbiter, properties: object = {}) => running.client.call<Reply>('tail', { ...properties })
const texts = ({ lines }: Reply) => lines.map(({ line }) => line)

/** Resolves to the reply once it has such a line. */
async function until(running: RunningArbiter, properties: object, line: string): Promise<Reply> {
  for (;;) {
    const reply = await tail(running, properties)
    if (texts(reply).includes(line)) return reply
  }
}

const quietly = 'stdout_stream.filename = /dev/null\nstderr_stream.filename = /dev/null\n'

test('tail answers the last lines of each watcher, and how far each process has come', async () => {
  await using running = await startArbiter(`
[watcher:Web]
cmd = sh -c 'seq 1 30; echo oh >&2; printf half; exec sleep 600'
${quietly}
[watcher:db]
cmd = sh -c 'echo hello; exec sleep 600'
${quietly}`)
  await until(running, { name: 'db' }, 'hello')
  await until(running, { name: 'web' }, 'half')
  const reply = await tail(running)

  assert.deepEqual(reply.watchers.toSorted(), ['Web', 'db'])
  const [web] = reply.processes.filter(({ watcher }) => watcher === 'Web')
  assert.deepEqual(
    { ...web, started: 0 },
    {
      watcher: 'Web',
      wid: 1,
      pid: running.arbiter.watcher('web').pids[0],
      started: 0,
      running: true,
      sequence: 9 * 2 + 21 * 3 + 3,
      kept_from: 0,
    },
  )
  const lines = reply.lines.filter(({ watcher }) => watcher === 'Web')
  assert.deepEqual(lines.length, 10)
  const { time, ...last } = lines.at(-1)!
  assert.ok(Math.abs(time - Date.now() / 1000) < 60)
  assert.deepEqual(last, {
    watcher: 'Web',
    wid: 1,
    pid: web!.pid,
    stream: 'stdout',
    sequence: web!.sequence + 4,
    line: 'half',
    unfinished: true,
  })
  assert.deepEqual(texts(await tail(running, { name: 'd*', lines: 5 })), ['hello'])
  assert.deepEqual(texts(await tail(running, { name: 'web', stream: 'stderr' })), ['oh'])
  assert.deepEqual(texts(await tail(running, { pid: web!.pid, lines: 2, stream: 'stdout' })), ['30', 'half'])
  assert.deepEqual(texts(await tail(running, { lines: 0 })), [])
})

test('processes that have ended are included, and times and orders are right', async () => {
  await using running = await startArbiter(`
[watcher:crash]
cmd = sh -c 'echo $$ one; echo $$ two >&2; printf "$$ three"; exit 1'
respawn_delay = 0.01
respawn_delay_max = 0.01
${quietly}`)
  await running.events.event('crash.reap', { count: 3 })
  await running.client.call('stop', { name: 'crash', waiting: true })
  const { lines, processes } = await tail(running, { name: 'crash', lines: 100 })

  assert.ok(processes.length >= 3 && processes.every((each) => !each.running))
  for (const { pid } of processes.slice(0, 3)) {
    const own = lines.filter((line) => line.pid === pid)
    assert.deepEqual(own.map(({ stream }) => stream).sort(), ['stderr', 'stdout', 'stdout'])
    assert.deepEqual(
      own.filter(({ stream }) => stream === 'stdout').map(({ line }) => line),
      [`${pid} one`, `${pid} three`],
    )
  }
  assert.deepEqual(
    lines.map(({ time }) => time),
    lines.map(({ time }) => time).sort((a, b) => a - b),
  )
})

test('wrong properties and what is not there are errors', async () => {
  await using running = await startArbiter('[watcher:web]\ncmd = sleep 60\nstdout_stream.filename = /dev/null\n')
  const fails = (properties: object, code: string) => assert.rejects(tail(running, properties), { code })
  await fails({ name: 'nobody' }, 'ERR_WATCHER_UNKNOWN')
  await fails({ name: 'nobody*' }, 'ERR_WATCHER_UNKNOWN')
  await fails({ name: 'web', pid: 1 }, 'ERR_PROCESS_UNKNOWN')
  await fails({ stream: 'stdin' }, 'ERR_PROPERTY_INVALID')
  await fails({ lines: -1 }, 'ERR_PROPERTY_INVALID')
  await fails({ pid: 'x' }, 'ERR_PROPERTY_INVALID')
  const [pid] = running.arbiter.watcher('web').pids
  assert.deepEqual(texts(await tail(running, { pid: String(pid) })), [])
})

test('a reply has a MiB of lines at most, the newest', async () => {
  await using running = await startArbiter(`
[watcher:web]
cmd = sh -c 'yes $(printf %08000d 0) | head -n 20; echo the end $(circus.wid); exec sleep 600'
numprocesses = 20
${quietly}`)
  const { processes } = running.arbiter.watcher('web')
  for (const { pid, wid } of processes) await until(running, { pid, lines: 1 }, `the end ${wid}`)
  const reply = await tail(running, { lines: 1_000 })

  const characters = texts(reply).reduce((sum, line) => sum + line.length, 0)
  assert.ok(reply.truncated && characters <= 1024 * 1024 + 8_000 && characters > 1000 * 1000)
  assert.equal((await tail(running, { lines: 10 })).truncated, false)
})

test('short lines count for more than they are', async () => {
  await using running = await startArbiter(`
[watcher:web]
cmd = sh -c 'seq 1 50000; echo the end $(circus.wid); exec sleep 600'
numprocesses = 6
${quietly}`)
  const { processes } = running.arbiter.watcher('web')
  for (const { pid, wid } of processes) await until(running, { pid, lines: 1 }, `the end ${wid}`)
  const { lines, truncated } = await tail(running, { lines: 1_000_000 })
  assert.deepEqual([truncated, lines.at(-1)?.line.slice(0, 7)], [true, 'the end'])
  assert.ok(lines.length > 7_000 && lines.length < 9_000)
})

test('from the answer one can go on with the topic: nothing is missing, nothing is there twice', async () => {
  await using running = await startArbiter(`
[watcher:my web.1]
cmd = sh -c 'i=0; while [ $i -lt 500 ]; do i=$((i+1)); echo $i; [ $((i % 50)) = 0 ] && sleep 0.05; done; exec sleep 600'
autostart = false
${quietly}`)
  const { arbiter, client } = running
  await using subscriber = new EventSubscriber({ endpoint: arbiter.endpoints.events, topics: ['output.my_web.1.'] })
  await subscriber.ready()
  await client.call('start', { name: 'my web.1', waiting: true })
  const first = await until(running, { lines: 1_000 }, '100')
  const numbers = texts(first).map(Number)
  let position = first.processes[0]!.sequence

  for await (const { topic, payload } of subscriber) {
    const { sequence, bytes, data, watcher, pid } = payload as Record<string, number> & {
      data: string
      watcher: string
    }
    assert.deepEqual([topic, watcher], [`output.my_web.1.${pid}.stdout`, 'my web.1'])
    if (sequence! <= position) continue
    assert.equal(sequence! - bytes!, position)
    position = sequence!
    numbers.push(...data.trimEnd().split('\n').map(Number))
    if (numbers.at(-1) === 500) break
  }
  assert.deepEqual(
    numbers,
    Array.from({ length: 500 }, (_, n) => n + 1),
  )
})

test('whoever subscribes to everything gets no output, nor does a plugin that hears all events', async () => {
  await using running = await startArbiter(`[watcher:web]\ncmd = sh -c 'echo hello; exec sleep 600'\n${quietly}`)
  const { arbiter, client, events } = running
  await using subscriber = new EventSubscriber({ endpoint: arbiter.endpoints.events, topics: [''] })
  await subscriber.ready()
  await client.call('restart', { name: 'web', waiting: true })
  await until(running, { name: 'web' }, 'hello')
  await client.call('stop', { name: 'web', waiting: true })

  for await (const { topic, event } of subscriber) {
    assert.match(topic, /^watcher\./)
    if (event === 'stop') break
  }
  assert.deepEqual(
    events.all.filter(({ topic }) => topic.startsWith('output.')),
    [],
  )
})
