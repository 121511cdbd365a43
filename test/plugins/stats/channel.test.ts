import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { userInfo } from 'node:os'
import { test } from 'node:test'
import type { ProcessInfo } from '../../../core/index.ts'
import { untilTrue } from '../../harness/index.ts'
import { startStats, ways } from './daemon.ts'

type Message = Readonly<
  ProcessInfo & { wid: number; started: number; restarts: number; subtopic: number; name: string | null }
>

for (const way of Object.keys(ways) as (keyof typeof ways)[]) {
  test(`${way}: each process is told of with all fields, the original's and the new ones`, async () => {
    await using daemon = await startStats(way, '[watcher:Web App]\ncmd = sleep 60\nnumprocesses = 2\n')
    const [first, second] = daemon.arbiter.watcher('web app').processes
    await using listener = await daemon.listen()

    const message = (await listener.next(`stat.web_app.${second!.pid}`)) as unknown as Message

    const { cpu, mem, mem_info1, mem_info2, ctime, create_time, age, rss, read_bytes, write_bytes, ...rest } = message
    assert.deepEqual(rest, {
      pid: second!.pid,
      wid: 2,
      cmdline: 'sleep',
      username: userInfo().username,
      nice: 0,
      children: [],
      started: second!.startedAt / 1000,
      fds: 3,
      threads: 1,
      restarts: 0,
      tree: { cpu, rss, count: 1 },
      subtopic: second!.pid,
      name: null,
    })
    for (const value of [cpu, mem, create_time, age, rss, read_bytes, write_bytes]) assert.equal(typeof value, 'number')
    assert.match(mem_info1, /^[\d.]+[BKM]$/)
    assert.match(mem_info2, /^[\d.]+[BKM]$/)
    assert.match(ctime, /^\d+:\d\d\.\d\d$/)

    const watcher = await listener.next('stat.web_app')
    assert.deepEqual(watcher['pid'], [first!.pid, second!.pid])
    assert.equal(watcher['restarts'], 0)
    assert.equal(watcher['fds'], 6)
    assert.equal(watcher['threads'], 2)
    assert.equal(Object(watcher['tree']).count, 2)
    assert.ok((watcher['age'] as number) >= Number(age))
    assert.ok((watcher['mem'] as number) > Number(mem))
  })

  test(`${way}: what descends from a process counts in its tree and is told below it`, async () => {
    const cmd = `sh -c "sh -c 'sleep 61 & wait' & wait"`
    await using daemon = await startStats(way, `[watcher:web]\ncmd = ${cmd}\nstop_children = true\n`)
    const [root] = daemon.arbiter.watcher('web').processes
    await untilTrue(() => root!.descendants().length === 2)
    await using listener = await daemon.listen(['stat.web.'])

    const topic = `stat.web.${root!.pid}`
    const { payload } = await listener.until(
      (heard) => heard.topic === topic && Object(heard.payload['tree']).count === 3,
    )

    const { children, tree, rss } = payload as unknown as Message
    const [child] = children
    assert.deepEqual(
      children.map(({ cmdline, children }) => [cmdline, children.map((each) => each.cmdline)]),
      [['sh', ['sleep']]],
    )
    const all = [rss, child!.rss, child!.children[0]!.rss] as number[]
    assert.equal(Object(tree).rss, all[0]! + all[1]! + all[2]!)
  })

  test(`${way}: the daemon and its helpers are told of by name`, async () => {
    await using daemon = await startStats(way, '[watcher:web]\ncmd = sleep 60\n')
    await using listener = await daemon.listen(['stat.circus'])

    const group = await listener.next('stat.circus')

    const helper = daemon.arbiter.watchers.find(({ name }) => name === 'plugin:stats')?.pids ?? []
    assert.deepEqual(group['pid'], [process.pid, ...helper])
    assert.equal((await listener.next(`stat.circus.${process.pid}`))['name'], 'circusd')
    for (const pid of helper) assert.equal((await listener.next(`stat.circus.${pid}`))['name'], 'circusd-stats')
    assert.ok(!listener.all.some(({ topic }) => topic.startsWith('stat.plugin')))
  })

  test(`${way}: of each socket its queue is told, how long that can be, and how often somebody waited`, async () => {
    await using daemon = await startStats(way, '[socket:web]\nport = 0\nbacklog = 7\n')
    const [socket] = daemon.arbiter.sockets.all
    const { port } = socket!.address as { port: number }
    await using listener = await daemon.listen(['stat.sockets'])
    const topic = `stat.sockets.${socket!.fd}`
    const idle = await listener.next(topic)
    const known = { fd: socket!.fd, subtopic: socket!.fd, name: 'web', address: `127.0.0.1:${port}`, queue_limit: 7 }
    assert.deepEqual(idle, { ...known, queue: 0, reads: 0 })

    const visitor = connect(port)
    try {
      await once(visitor, 'connect')
      const isSeen = (heard: (typeof listener.all)[number]) => Object(heard.payload)['reads'] > 0
      const { payload } = await listener.until((heard) => heard.topic === topic && isSeen(heard))
      assert.equal(payload['queue'], 1)
      const total = await listener.until((heard) => heard.topic === 'stat.sockets' && isSeen(heard))
      assert.deepEqual(total.payload['addresses'], [`127.0.0.1:${port}`])
    } finally {
      visitor.destroy()
    }
  })

  test(`${way}: sockets that each process has for itself take nothing from what is known of the others`, async () => {
    const ini = '[socket:own]\nport = 0\nso_reuseport = True\n[socket:web]\nport = 0\n'
    await using daemon = await startStats(way, ini)
    const { port } = daemon.arbiter.sockets.all.find(({ name }) => name === 'web')!.address as { port: number }
    await using listener = await daemon.listen(['stat.sockets'])
    assert.equal((await listener.next('stat.sockets'))['reads'], 0)
    const visitor = connect(port)
    try {
      await listener.until(({ topic, payload }) => topic === 'stat.sockets' && (payload['reads'] as number) > 0)
      assert.ok(listener.all.some(({ payload }) => payload['name'] === 'own' && payload['reads'] === 'N/A'))
    } finally {
      visitor.destroy()
    }
  })

  test(`${way}: what comes and goes is followed, restarts are counted, and what is gone is not told of`, async () => {
    await using daemon = await startStats(way, '[watcher:web]\ncmd = sleep 60\nrespawn_delay = 0\n')
    const [old] = daemon.arbiter.watcher('web').pids
    await using listener = await daemon.listen(['stat.web'])
    await listener.next(`stat.web.${old}`)

    process.kill(old!, 'SIGKILL')
    const spawned = await daemon.events.event('web.spawn', { count: 2 })
    const pid = spawned.payload['process_pid']
    const message = await listener.until(({ topic, payload }) => topic === `stat.web.${pid}` && payload['wid'] === 1)

    assert.equal(message.payload['restarts'], 1)
    const watcher = await listener.next('stat.web')
    assert.deepEqual([watcher['pid'], watcher['restarts']], [[pid], 1])
    await daemon.client.call('rm', { name: 'web', waiting: true })
    await daemon.client.call('add', { name: 'db', cmd: 'sleep 61', start: true, waiting: true })
    await using other = await daemon.listen(['stat.'])
    await other.next('stat.db')
    await other.next('stat.db')
    assert.ok(!other.all.some(({ topic }) => topic.startsWith('stat.web')))
  })

  test(`${way}: a watcher is told of with the number of processes it is to have, whatever changes that`, async () => {
    await using daemon = await startStats(way, '[watcher:web]\ncmd = sleep 60\nnumprocesses = 3\n')
    await using listener = await daemon.listen(['stat.web'])
    assert.equal((await listener.next('stat.web'))['numprocesses'], 3)
    await daemon.client.call('decr', { name: 'web', waiting: true })
    const fewer = await listener.until(({ payload }) => payload['numprocesses'] === 2)
    assert.equal((fewer.payload['pid'] as number[]).length, 2)
    await daemon.client.call('stop', { name: 'web', waiting: true })
    await daemon.client.call('set', { name: 'web', options: { numprocesses: 5 }, waiting: true })
    await listener.until(({ payload }) => payload['numprocesses'] === 5)
  })

  test(`${way}: a watcher called circus is told of together with the daemon`, async () => {
    await using daemon = await startStats(way, '[watcher:Circus]\ncmd = sleep 60\n')
    const [pid] = daemon.arbiter.watcher('circus').pids
    await using listener = await daemon.listen(['stat.circus'])
    assert.equal((await listener.next(`stat.circus.${pid}`))['name'], null)
    const pids = (await listener.next('stat.circus'))['pid'] as number[]
    assert.ok(pids.includes(pid!) && pids.includes(process.pid))
  })

  test(`${way}: a watcher without processes is told of as well`, async () => {
    await using daemon = await startStats(way, '[watcher:web]\ncmd = sleep 60\nautostart = false\n')
    await using listener = await daemon.listen()
    const { pid, cpu, mem, age, tree } = await listener.next('stat.web')
    assert.deepEqual({ pid, cpu, mem, age }, { pid: [], cpu: 0, mem: 0, age: 'N/A' })
    assert.deepEqual(tree, { cpu: 0, rss: 0, count: 0 })
  })

  test(`${way}: a process that works has processor time in the first message about it`, async () => {
    await using daemon = await startStats(way, '[watcher:busy]\ncmd = sh -c "while :; do :; done"\n')
    const [busy] = daemon.arbiter.watcher('busy').processes
    await using listener = await daemon.listen()
    const topic = `stat.busy.${busy!.pid}`
    const { payload } = await listener.until((heard) => heard.topic === topic)
    assert.equal((payload['cpu'] as number) > 0, payload['ctime'] !== '0:00.00')
    await listener.until((heard) => heard.topic === topic && (heard.payload['cpu'] as number) > 0)
  })
}
