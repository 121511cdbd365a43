import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { test } from 'node:test'
import { startArbiter, untilDead } from '../../harness/index.ts'
import { ways } from '../ways.ts'
import { startMetrics } from './scrape.ts'

const watchers = `
  [watcher:Web App]
  cmd = sleep 60
  numprocesses = 2
  [watcher:sick]
  cmd = sh -c 'exit 3'
  respawn_delay_max = 0.1
  [watcher:idle]
  cmd = sleep 60
  autostart = false
  [socket:front]
  host = 127.0.0.1
  port = 0
  backlog = 5`

for (const way of ways) {
  test(`${way}: it tells of watchers, processes, sockets and the daemon, as promtool likes it`, async () => {
    await using measured = await startMetrics(way, watchers)
    const { running, url, scrape } = measured
    await running.events.event('sick.spawn', { count: 3 })
    const front = running.arbiter.sockets.all.find(({ name }) => name === 'front')!
    const { port } = front.address as { port: number }
    await using caller = disposable(connect(port, '127.0.0.1'))
    await new Promise((resolve) => caller.socket.once('connect', resolve))

    const text = await (await fetch(url)).text()
    const found = await scrape()

    const checked = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' })
    assert.deepEqual([checked.status, checked.stdout, checked.stderr], [0, '', ''])
    const web = (name: string) => found.get(`circusd_watcher_${name}{watcher="Web App"}`)
    assert.deepEqual([web('processes_wanted'), web('processes')], [2, 2])
    assert.ok(web('resident_memory_bytes')! > 100_000 && web('open_fds')! >= 6 && web('uptime_seconds')! > 0)
    assert.ok(web('cpu_seconds_total')! >= 0)
    assert.equal(found.get('circusd_watcher_processes{watcher="idle"}'), 0)
    assert.equal(found.get('circusd_watcher_status{watcher="idle",status="stopped"}'), 1)
    assert.equal(found.get('circusd_watcher_status{watcher="idle",status="active"}'), 0)
    assert.ok(found.get('circusd_watcher_restarts_total{watcher="sick",reason="died"}')! >= 2)
    assert.equal(found.get('circusd_watcher_restarts_total{watcher="Web App",reason="reload"}'), 0)
    assert.equal(found.get('circusd_socket_queue_connections{socket="front"}'), 1)
    assert.equal(found.get('circusd_socket_queue_limit_connections{socket="front"}'), 5)
    assert.ok(found.has('circusd_socket_reads_total{socket="front"}'))
    const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'))
    assert.equal(found.get(`circusd_info{version="${version}",node="${process.version}"}`), 1)
    assert.ok(found.get('circusd_resident_memory_bytes')! > 10_000_000 && found.get('circusd_open_fds')! > 10)
    assert.ok(found.get('circusd_cpu_seconds_total')! > 0 && found.get('circusd_uptime_seconds')! > 0)
  })

  test(`${way}: ends are counted by code and signal, and whether they were asked for; events by name`, async () => {
    await using measured = await startMetrics(way, `${watchers}\n[watcher:later]\ncmd = sleep 60\nautostart = false`)
    const { running, scrape } = measured
    const { client, events, arbiter } = running
    const from = events.all.length
    process.kill(arbiter.watcher('Web App').pids[0]!, 'SIGKILL')
    await events.event('web_app.spawn', { from })
    await client.call('incr', { name: 'sick', waiting: true })
    await client.call('restart', { name: 'web app', waiting: true })

    const exits = (labels: string) => `circusd_watcher_exits_total{watcher=${labels}}`
    const killed = exits('"Web App",code="",signal="SIGKILL",expected="false"')
    const asked = exits('"Web App",code="",signal="SIGTERM",expected="true"')
    // An isolated plugin hears of it a moment later.
    let found = await scrape()
    while (found.get(asked) !== 2) found = await scrape()

    assert.equal(found.get(killed), 1)
    assert.ok(found.get(exits('"sick",code="3",signal="",expected="false"'))! >= 1)
    assert.equal(found.get('circusd_events_total{watcher="Web App",event="kill"}'), 2)
    assert.equal(found.get('circusd_watcher_restarts_total{watcher="Web App",reason="restart"}'), 2)
    assert.equal(found.get('circusd_watcher_restarts_total{watcher="Web App",reason="died"}'), 1)
  })

  test(`${way}: what a removed watcher had is gone, and no label holds a pid`, async () => {
    await using measured = await startMetrics(way, watchers)
    const { running, scrape } = measured
    assert.ok([...(await scrape()).keys()].some((name) => name.includes('"sick"')))
    const pids = running.arbiter.watcher('Web App').pids

    await running.client.call('rm', { name: 'sick', waiting: true })

    let names = [...(await scrape()).keys()]
    while (names.some((name) => name.includes('"sick"'))) names = [...(await scrape()).keys()]
    assert.ok(names.some((name) => name.includes('"Web App"')))
    assert.ok(!names.some((name) => pids.some((pid) => name.includes(`"${pid}"`))))
  })

  test(`${way}: processor time does not fall when a process dies that has taken much`, async () => {
    const files = { 'work.sh': 'test -e worked && exec sleep 60\ntouch worked\nwhile :; do :; done\n' }
    const ini = '[watcher:busy]\ncmd = sh work.sh\nworking_dir = FOLDER\nrespawn_delay_max = 0'
    await using measured = await startMetrics(way, ini, files)
    const { running, scrape } = measured
    const seconds = async () => (await scrape()).get('circusd_watcher_cpu_seconds_total{watcher="busy"}')!
    let before = await seconds()
    while (before < 0.1) before = await seconds()

    const [pid] = running.arbiter.watcher('busy').pids
    process.kill(pid!, 'SIGKILL')
    await untilDead(pid!)
    await running.events.event('busy.spawn', { count: 2 })

    assert.ok((await seconds()) >= before)
  })

  test(`${way}: the delay of the event loop is the daemon's`, async () => {
    await using measured = await startMetrics(way)
    const { scrape } = measured
    const late = async () => {
      const found = await scrape()
      const of = (name: string) => found.get(`circusd_event_loop_delay_seconds_${name}`)!
      return of('count') - of('bucket{le="0.25"}')
    }
    const before = await late()

    // The daemon of this test is this process.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400)

    while ((await late()) === before);
  })

  test(`${way}: a look that fails is answered with 503 and why, and told once`, async () => {
    await using measured = await startMetrics(way)
    const { running, url } = measured
    let refused = true
    running.arbiter.hooks.command.tap('test', (call) => {
      if (refused && call.name === 'listsockets') call.refuse('it is Monday')
    })

    for (let count = 0; count < 3; count++) {
      const response = await fetch(url)
      assert.deepEqual([response.status, /^no metrics: .*it is Monday/.test(await response.text())], [503, true])
    }
    refused = false
    assert.equal((await fetch(url)).status, 200)

    await running.log.record(/scrapes are answered again/)
    assert.equal(running.log.matching(/warning.*a scrape failed: .*it is Monday/).length, 1)
  })
}

test('scrapes that come together share one look', async () => {
  await using measured = await startMetrics('in the daemon')
  const { running, url } = measured
  let looks = 0
  running.arbiter.hooks.command.tap('test', ({ name }) => void (name === 'stats' && looks++))
  const { hostname, port } = new URL(url)
  await using caller = disposable(connect(Number(port), hostname))

  const request = `GET /metrics HTTP/1.1\r\nHost: x\r\n`
  caller.socket.write(`${request}\r\n${request}\r\n${request}Connection: close\r\n\r\n`)
  let answers = ''
  for await (const piece of caller.socket) answers += piece

  assert.equal(answers.split('HTTP/1.1 200 OK').length - 1, 3)
  assert.equal(looks, 1)
})

test('only GET and HEAD of /metrics are answered; anything else is told where to look', async () => {
  await using measured = await startMetrics('in the daemon')
  const { url } = measured

  const elsewhere = await fetch(new URL('/', url))
  assert.deepEqual(
    [elsewhere.status, await elsewhere.text()],
    [404, 'there is nothing here; the metrics are at /metrics\n'],
  )
  const post = await fetch(url, { method: 'POST', body: 'x' })
  assert.deepEqual([post.status, post.headers.get('allow')], [405, 'GET, HEAD'])
  const head = await fetch(`${url}?x=1`, { method: 'HEAD' })
  assert.deepEqual([head.status, await head.text()], [200, ''])
  assert.match(head.headers.get('content-type')!, /^text\/plain; version=0\.0\.4/)
})

test('a port that somebody has, and options that are wrong, leave the section out and say why', async () => {
  await using measured = await startMetrics('in the daemon')
  const { port } = new URL(measured.url)
  const sections = [
    `[plugin:second]\nuse = metrics\nhost = 127.0.0.1\nport = ${port}`,
    '[plugin:third]\nuse = metrics\nport = many',
    '[plugin:fourth]\nuse = metrics\nprot = 1',
  ]
  await using running = await startArbiter(sections.join('\n'))

  const second = new RegExp(`\\[plugin:second\\] is left out: .*127\\.0\\.0\\.1:${port}: somebody else does`)
  await running.log.record(second)
  await running.log.record(/\[plugin:third\] is left out: .*port.* an integer from 0 to 65535, not "many"/)
  await running.log.record(/\[plugin:fourth\] is left out: .*prot: there is no such option/)
})

test('reloadconfig moves it to another port, and the old one is free', async () => {
  await using measured = await startMetrics('in the daemon')
  const { running, url } = measured
  const from = running.log.all.length
  const ini = readFileSync(running.folder.path('circus.ini'), 'utf8')
  running.folder.write('circus.ini', ini.replace('host = 127.0.0.1', 'host = localhost'))
  await running.client.call('reloadconfig', { waiting: true })

  const record = await running.log.record(/metrics at http/, { from })
  assert.equal((await fetch(/http:\S+/.exec(record)![0])).status, 200)
  await assert.rejects(fetch(url))
})

function disposable(socket: ReturnType<typeof connect>) {
  return { socket, [Symbol.asyncDispose]: async () => void socket.destroy() }
}
