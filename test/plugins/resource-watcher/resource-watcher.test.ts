import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isAlive, untilTrue } from '../../harness/index.ts'
import { StatsdServer } from '../statsd-server.ts'
import { startPlugin, ways } from '../ways.ts'

/** Takes 100 MB, if its argument is 1. */
const eater = `const eaten = process.argv[2] === '1' ? Buffer.alloc(100e6, 1) : []
setInterval(() => eaten, 1e6)`
const eats = `${process.execPath} FOLDER/eater.js`
const files = { 'eater.js': eater }
const burns = `sh -c 'while :; do :; done'`

/** No limit but those that a test sets before: the first value of an option holds. */
const unlimited = 'max_cpu = 0\nmax_mem = 0\nhealth_threshold = 0\nloop_rate = 0.1\nmax_count = 1'

for (const way of ways) {
  test(`${way}: too much memory in a row restarts the watcher: the log, an event, the stop and statsd tell of it`, async () => {
    await using server = await StatsdServer.start()
    await using running = await startPlugin(
      way,
      'guard',
      `use = circus.plugins.resource_watcher.ResourceWatcher
      ${server.ini}
      watcher = web
      max_mem = 90M
      ${unlimited}`,
      `[watcher:web]
      cmd = ${eats} 1
      [watcher:other]
      cmd = ${eats} 1`,
      files,
    )
    const { events, log } = running
    const words = /process \d+ uses 1\d\d(\.\d)?M of memory, more than max_mem = 90M, 2 looks in a row/

    const { payload: limit } = await events.event('web.resource_limit')
    const { payload: stop } = await events.event('web.stop')
    await events.event('web.start', { count: 2 })

    assert.match(String(stop['reason']), new RegExp(`^resource-watcher: ${words.source}$`))
    assert.match(String(limit['reason']), words)
    assert.equal(limit['kind'], 'over_memory')
    assert.equal(limit['option'], 'max_mem')
    assert.equal(limit['limit'], 90 * 1024 * 1024)
    assert.ok(Number(limit['value']) > 100e6)
    await log.record(new RegExp(`^warning .*guard: web: ${words.source}; it is restarted$`))
    const counters = 'circus.app.watcher._resource_watcher.web'
    await server.untilCounter(`${counters}.restarting`)
    await server.untilCounter(`${counters}.over_memory`, 2)
    assert.equal(server.counter('circus.app.watcher._resource_watcher.other.over_memory'), 0)
  })

  test(`${way}: with restart_process the one that eats is replaced, by a watcher's own options too`, async () => {
    await using running = await startPlugin(
      way,
      'resource-watcher',
      `watcher = web*, absent
      ${unlimited}
      action = restart_process`,
      `[watcher:web1]
      cmd = ${eats} $(circus.wid)
      numprocesses = 2
      resource_watcher.max_mem = 90M
      [watcher:web2]
      cmd = ${eats} 1
      [watcher:own]
      cmd = ${eats} 1
      resource_watcher.max_mem = 90M`,
      files,
    )
    const { arbiter, events } = running
    const [first, second] = arbiter.watcher('web1').pids
    const killed = await events.event('web1.kill')
    await events.event('web1.spawn', { count: 3 })

    assert.equal(killed.payload['process_pid'], first)
    assert.ok(isAlive(second!))
    assert.ok(!events.of('web1').includes('stop'))
    for (const spared of ['web2', 'own']) assert.deepEqual(events.of(spared), ['add', 'spawn', 'start'], spared)
    assert.equal(arbiter.watcher('web1').status, 'active')
  })

  test(`${way}: without a name those are looked after that have options of their own, each with its action`, async () => {
    await using running = await startPlugin(
      way,
      'resource-watcher',
      unlimited,
      `[watcher:busy]
      cmd = ${burns}
      resource_watcher.max_cpu = 5
      resource_watcher.action = stop
      [watcher:idle]
      cmd = sleep 60
      resource_watcher.min_cpu = 0
      resource_watcher.action = signal:TERM
      [watcher:small]
      cmd = sleep 60
      resource_watcher.min_mem = 90M
      resource_watcher.action = event
      [watcher:parent]
      cmd = sh -c '${eats} 1; exec sleep 61'
      resource_watcher.max_mem = 90M
      resource_watcher.process_children = true
      [watcher:free]
      cmd = ${burns}`,
      files,
    )
    const { client, events, log } = running
    await events.event('busy.stop')
    const { status, reason } = await client.call<{ status: string; reason?: string }>('status', { name: 'busy' })
    assert.equal(status, 'stopped')
    assert.match(reason ?? '', /^resource-watcher: process \d+ uses [\d.]+% of a processor, more than max_cpu = 5, 2 /)
    await events.until(
      ({ watcher, event, payload }) => watcher === 'idle' && event === 'reap' && payload['exit_code'] === -15,
    )
    const small = await events.event('small.resource_limit', { count: 3 })
    assert.match(String(small.payload['reason']), /uses [\d.]+[KM] of memory, not more than min_mem = 90M/)
    assert.equal(log.matching(/^warning .*small: process .*; an event is published$/).length, 1)
    const child = await events.event('parent.resource_limit')
    const { process_pid, child_pid } = child.payload
    assert.equal(process_pid, running.arbiter.watcher('parent').pids[0])
    await untilTrue(() => !isAlive(child_pid as number), 'the end of the child')
    assert.ok(isAlive(process_pid as number))
    for (const watcher of ['small', 'parent', 'free']) {
      const changes = events.of(watcher).filter((event) => event !== 'resource_limit')
      assert.deepEqual(changes, ['add', 'spawn', 'start'], watcher)
    }
  })
}

test('options of a watcher are read anew when they are set, and wrong ones are told and left out', async () => {
  await using running = await startPlugin(
    'in the daemon',
    'resource-watcher',
    `watcher = web\n${unlimited}\naction = event`,
    `[watcher:web]
    cmd = ${eats} 1
    resource_watcher.max_mem = lots`,
    files,
  )
  const { client, events, log } = running
  await log.record(
    /^error .*web: its resource_watcher\.… options are left out: .*'max_mem' must be percent \(20\) or bytes/,
  )
  assert.ok(!events.of('web').includes('resource_limit'))

  await client.call('set', { name: 'web', options: { 'resource_watcher.max_mem': '90M' } })
  await events.event('web.resource_limit')
})

test('a watcher that is not there is told once, and looked after when it comes', async () => {
  await using server = await StatsdServer.start()
  await using running = await startPlugin(
    'in the daemon',
    'resource-watcher',
    `service = later\n${unlimited}\nmin_cpu = 0\naction = event\n${server.ini}`,
  )
  const { client, events, log } = running
  await server.untilCounter('circus.app.watcher._resource_watcher.later.error', 3)
  assert.equal(log.all.filter((line) => line.includes('there is no watcher later')).length, 1)
  await log.record(/service is an old name: write watcher/)

  await client.call('add', { name: 'later', cmd: 'sleep 60', start: true })
  await events.event('later.resource_limit')
})
