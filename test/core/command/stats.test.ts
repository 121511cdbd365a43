import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { totalmem, userInfo } from 'node:os'
import { test } from 'node:test'
import { processFigures } from '../../../core/posix/process-figures.ts'
import { GONE, type WatchedProcessInfo } from '../../../core/process-info.ts'
import { watchedProcessInfo } from '../../../core/process-looks.ts'
import { type RunningArbiter, startArbiter, untilDead, untilTrue } from '../../harness/index.ts'

type Infos = Record<string, WatchedProcessInfo>

const statsOf = async ({ client }: RunningArbiter, name: string, more: object = {}) =>
  (await client.call<{ info: Infos }>('stats', { name, ...more })).info

const bytes = (text: string) => {
  const [, number, unit] = /^(\d+(?:\.\d\d)?)([BKMG])$/.exec(text) ?? assert.fail(text)
  return Number(number) * 1024 ** 'BKMG'.indexOf(unit!)
}

/** Kills processes that no watcher has when the scope is left. */
function killedAtTheEnd(processes: readonly { readonly pid: number }[]): Disposable {
  return {
    [Symbol.dispose]() {
      for (const { pid } of processes) process.kill(pid, 'SIGKILL')
    },
  }
}

test('stats tells of each process what the original tells', async () => {
  await using running = await startArbiter(
    '[watcher:Web]\ncmd = /bin/sleep 60\nnumprocesses = 2\n[watcher:db]\ncmd = sleep 61\nautostart = false\n',
  )
  const before = Date.now() / 1000
  const [first, second] = running.arbiter.watcher('web').pids as [number, number]

  const reply = await running.client.call<{ infos: Record<string, Infos> }>('stats')

  assert.deepEqual(Object.keys(reply).sort(), ['id', 'infos', 'status', 'time'])
  assert.deepEqual(Object.keys(reply.infos).sort(), ['Web', 'db'])
  assert.deepEqual(reply.infos['db'], {})
  assert.deepEqual(Object.keys(reply.infos['Web']!).sort(), [String(first), String(second)].sort())
  const info = reply.infos['Web']![second]!
  const { cpu, mem, mem_info1, mem_info2, ctime, create_time, started, age, rss, read_bytes, write_bytes, ...rest } =
    info
  assert.deepEqual(rest, {
    pid: second,
    wid: 2,
    cmdline: 'sleep',
    username: userInfo().username,
    nice: 0,
    children: [],
    fds: 3,
    threads: 1,
    restarts: 0,
    cpu_seconds: 0,
    tree: { cpu, rss, count: 1 },
  })
  assert.ok([rss, read_bytes, write_bytes].every((value) => typeof value === 'number'))
  assert.equal(typeof cpu, 'number')
  assert.ok(bytes(mem_info1) > 0 && bytes(mem_info2) > bytes(mem_info1))
  // Two decimals of the text against three of the percentage.
  assert.ok(Math.abs((mem as number) - (bytes(mem_info1) / totalmem()) * 100) < 0.01)
  assert.match(ctime, /^0:00\.\d\d$/)
  assert.ok(Math.abs(started - before) < 60 && Math.abs((create_time as number) - started) < 2)
  assert.ok((age as number) >= 0 && (age as number) < 60)
})

test('of one watcher, and of one process of it', async () => {
  await using running = await startArbiter('[watcher:web]\ncmd = sleep 60\nnumprocesses = 2\n')
  const [pid] = running.arbiter.watcher('web').pids as [number]

  const one = await running.client.call('stats', { name: 'WEB' })
  const single = await running.client.call<{ process: number; info: WatchedProcessInfo }>('stats', {
    name: 'web',
    process: pid,
  })

  assert.deepEqual(Object.keys(one).sort(), ['id', 'info', 'name', 'status', 'time'])
  assert.equal(one['name'], 'WEB')
  assert.deepEqual(Object.keys(single).sort(), ['id', 'info', 'process', 'status', 'time'])
  assert.equal(single.process, pid)
  assert.equal(single.info.pid, pid)
  await assert.rejects(running.client.call('stats', { name: 'Web', process: 1 }), {
    errno: 3,
    reason: "process 1 not found in 'Web'",
  })
})

test('the children of a process are told, and those of all generations by describe', async () => {
  await using running = await startArbiter(
    `[watcher:web]\ncmd = sh -c "sh -c 'sleep 62 & wait' & wait"\ncopy_env = true\n`,
  )
  const [root] = running.arbiter.watcher('web').processes
  await untilTrue(() => root!.descendants().length === 2)
  const [child] = root!.children()
  // The end of their parent is not theirs.
  using _ = killedAtTheEnd(root!.descendants())

  const { children } = (await statsOf(running, 'web'))[root!.pid]!
  assert.deepEqual(
    children.map(({ pid, cmdline, children }) => ({ pid, cmdline, children })),
    [{ pid: child!.pid, cmdline: 'sh', children: [] }],
  )
  assert.deepEqual(Object.keys(children[0]!).sort(), [
    'age',
    'children',
    'cmdline',
    'cpu',
    'create_time',
    'ctime',
    'fds',
    'mem',
    'mem_info1',
    'mem_info2',
    'nice',
    'pid',
    'read_bytes',
    'rss',
    'threads',
    'tree',
    'username',
    'write_bytes',
  ])

  const { watchers } = await running.client.call<{ watchers: Record<string, { processes: WatchedProcessInfo[] }> }>(
    'describe',
    { name: 'web' },
  )
  const [tree] = watchers['web']!.processes
  assert.deepEqual(
    tree!.children.map(({ cmdline, children }) => [cmdline, children.map((each) => each.cmdline)]),
    [['sh', ['sleep']]],
  )
})

test('a process that works has processor time from the first look on, and at the next one too', async () => {
  await using running = await startArbiter(`[watcher:busy]\ncmd = sh -c "while :; do :; done"\n`)
  const [pid] = running.arbiter.watcher('busy').pids as [number]
  const hasWorked = (seconds: number) => untilTrue(() => processFigures(pid)!.cpuSeconds > seconds)
  await hasWorked(0.2)

  const [first] = Object.values(await statsOf(running, 'busy'))
  await hasWorked(0.6)
  const [second] = Object.values(await statsOf(running, 'busy'))

  for (const info of [first!, second!]) {
    assert.ok((info.cpu as number) > 0, String(info.cpu))
    assert.notEqual(info.ctime, '0:00.00')
  }
})

test('what extended_stats adds is there when it is asked for, of one watcher and of all', async () => {
  const hooks = {
    extended_stats: ({ stats, pid }: { stats: Record<string, unknown>; pid: number }) => {
      stats['queue'] = `of ${pid}`
    },
  }
  await using running = await startArbiter({ watchers: [{ name: 'web', cmd: 'sleep 60', hooks }] })
  const [pid] = running.arbiter.watcher('web').pids as [number]
  const queue = (infos: Infos) => (infos[pid] as unknown as Record<string, unknown>)['queue']

  assert.equal(queue(await statsOf(running, 'web')), undefined)
  assert.equal(queue(await statsOf(running, 'web', { extended: true })), `of ${pid}`)
  const all = await running.client.call<{ infos: Record<string, Infos> }>('stats', { extended: true })
  assert.equal(queue(all.infos['web']!), `of ${pid}`)
})

test('dstats tells of the daemon itself', async () => {
  await using running = await startArbiter('[watcher:web]\ncmd = sleep 60\n')
  const { info } = await running.client.call<{ info: Record<string, unknown> }>('dstats')
  assert.equal(info['pid'], process.pid)
  assert.deepEqual(info['children'], [])
  assert.ok(!('wid' in info) && !('started' in info))
  assert.equal(info['username'], userInfo().username)
})

test('dstats tells its version and how late the event loop was, when it is asked', async () => {
  await using running = await startArbiter('')
  type Delay = { count: number; sum: number; buckets: [number, number][] }
  const ask = () => running.client.call<{ version: string; loop_delay: Delay }>('dstats', { extended: true })
  const late = ({ count, buckets }: Delay) => count - buckets.find(([bound]) => bound === 0.25)![1]
  const { version, loop_delay: before } = await ask()
  assert.match(version, /^\d+\.\d+\.\d+/)

  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400)
  let after = before
  while (late(after) === late(before)) after = (await ask()).loop_delay

  assert.ok(after.sum - before.sum > 0.25 && after.count > before.count)
  assert.deepEqual(Object.keys(await running.client.call('dstats')).sort(), ['id', 'info', 'status', 'time'])
})

test('what a descendant has worked stays in cpu_seconds when it ends', async () => {
  const files = { 'work.sh': 'sh -c "while :; do :; done" &\necho $! > child\nwait\nexec sleep 60\n' }
  await using running = await startArbiter('[watcher:web]\ncmd = sh work.sh\nworking_dir = FOLDER\n', { files })
  const worked = async () => Object.values(await statsOf(running, 'web'))[0]!.cpu_seconds as number
  let before = 0
  while (before < 0.1) before = await worked()

  const child = Number(readFileSync(running.folder.path('child'), 'utf8'))
  process.kill(child, 'SIGKILL')
  await untilDead(child)

  assert.ok((await worked()) >= before)
})

test('list tells why processes were replaced', async () => {
  await using running = await startArbiter('[watcher:web]\ncmd = sleep 60\nnumprocesses = 2\n')
  const { client, events } = running
  for (const command of ['restart', 'reload']) await client.call(command, { name: 'web', waiting: true })
  await client.call('kill', { name: 'web', waiting: true })
  await client.call('set', { name: 'web', options: { cmd: 'sleep 61' }, waiting: true })
  await untilTrue(() => running.arbiter.watcher('web').pids.length === 2)
  const from = events.all.length
  process.kill(running.arbiter.watcher('web').pids[0]!, 'SIGKILL')
  await events.event('web.spawn', { from })

  type Listed = { web: { restarts: number; restarts_by: Record<string, number> } }
  const { processes } = await client.call<{ processes: Listed }>('list', { processes: true })
  const expected = { died: 1, max_age: 0, kill: 2, restart: 2, reload: 2, updated: 2 }
  assert.deepEqual([processes.web.restarts, processes.web.restarts_by], [1, expected])
})

test('listsockets answers that there are none', async () => {
  await using running = await startArbiter('')
  const { sockets } = await running.client.call('listsockets')
  assert.deepEqual(sockets, [])
})

test('no descriptor stays open after looking at processes', async () => {
  await using running = await startArbiter('[watcher:web]\ncmd = sleep 60\nnumprocesses = 5\n')
  await statsOf(running, 'web')
  const before = readdirSync('/proc/self/fd').length
  for (let i = 0; i < 20; i++) await statsOf(running, 'web')
  assert.equal(readdirSync('/proc/self/fd').length, before)
})

test('a stranger that got the pid of a process is not taken for it', async () => {
  await using running = await startArbiter('[watcher:web]\ncmd = sleep 60\n')
  const [known] = running.arbiter.watcher('web').processes
  const replaced = Object.create(known!, {
    startTime: { value: 1 },
    alive: { value: true },
    pid: { value: known!.pid },
  })
  assert.equal(await watchedProcessInfo(replaced, 0), GONE)
})
