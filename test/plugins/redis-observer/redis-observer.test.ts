import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isAlive, type RunningArbiter, startArbiter, untilTrue } from '../../harness/index.ts'
import { StatsdServer } from '../statsd-server.ts'
import { startPlugin, ways } from '../ways.ts'
import { RedisServer, redisCommand } from './redis-server.ts'

const names = 'circus.redis_observer.watcher.redis_stats'

/** A redis-server of the daemon's own. */
const redis = (password = '') => `
  [watcher:redis]
  cmd = ${redisCommand('FOLDER', password)
    .map((word) => word || "''")
    .join(' ')}
  close_child_stdout = true
  graceful_timeout = 0.1
`

async function pidOf({ client }: RunningArbiter): Promise<number> {
  const { pids } = await client.call<{ pids: number[] }>('list', { name: 'redis' })
  return pids[0]!
}

for (const way of ways) {
  test(`${way}: a redis-server that is paused is restarted, one that was killed found again`, async () => {
    await using statsd = await StatsdServer.start()
    // While it begins, it has four tenths of a second.
    const section = `
      redis_url = unix://:sesame@FOLDER/redis.sock?db=1
      loop_rate = 0.1
      timeout = 0.15
      max_count = 4
      restart_on_timeout = redis
      ${statsd.ini}`
    await using running = await startPlugin(way, 'redis-observer', section, redis('sesame'))
    const { events } = running

    assert.equal(await statsd.gauge(`${names}.connected_clients`), 1)
    assert.ok((await statsd.gauge(`${names}.used_memory`)) > 100_000)
    assert.ok((await statsd.gauge(`${names}.mem_fragmentation_ratio`)) > 0)

    const [before, failures, from] = [await pidOf(running), statsd.counter(`${names}.error`), events.all.length]
    process.kill(before, 'SIGSTOP')
    const { payload } = await events.event('redis.stop', { from })
    assert.equal(payload['reason'], `redis at ${running.folder.path('redis.sock')} gives no answer within 0.15 s`)
    await events.event('redis.start', { from })
    assert.equal(isAlive(before), false)
    assert.ok((await pidOf(running)) !== before)
    await statsd.untilCounter(`${names}.error`, failures + 4)
    await statsd.untilCounter(`${names}.restart_on_error`)
    await statsd.gauge(`${names}.connected_clients`, { from: statsd.flushes.all.length })

    process.kill(await pidOf(running), 'SIGKILL')
    await events.event('redis.reap', { from, count: 2 })
    await statsd.gauge(`${names}.connected_clients`, { from: statsd.flushes.all.length })
  })

  test(`${way}: an answer that is an error is no timeout, but is an error`, async () => {
    await using server = await RedisServer.start('sesame')
    await using statsd = await StatsdServer.start()
    const section = `
      redis_url = unix://:open@${server.path}
      loop_rate = 0.1
      restart_on_timeout = other
      restart_on_error = web
      ${statsd.ini}`
    const ini = '[watcher:web]\ncmd = sleep 60\n[watcher:other]\ncmd = sleep 60\n'
    await using running = await startPlugin(way, 'redis-observer', section, ini)

    const { payload } = await running.events.event('web.stop')
    assert.match(String(payload['reason']), /^redis at \S+ says WRONGPASS /)
    await statsd.untilCounter(`${names}.error`, 2)
    assert.ok(!running.events.of('other').includes('stop'))
    assert.doesNotMatch(JSON.stringify(running.events.all) + running.log.all.join(), /:open@/)
  })
}

test('a server that comes and goes is told once each time, and the connection ends with the plugin', async () => {
  await using server = await RedisServer.start('sesame')
  await using running = await startArbiter(
    `[plugin:redis-observer]\nredis_url = redis://:sesame@127.0.0.1:${server.port}\nloop_rate = 0.05\n`,
  )
  const { log } = running
  const isConnected = async () => (await server.connections()) === 1
  for (const count of [1, 2]) {
    await server.kill()
    await log.record(/^warning .*redis at 127.0.0.1:\d+ fails: /, { count })
    await server.run()
    await log.record(/^info .*redis at 127.0.0.1:\d+ is well again, after \d+ failures?$/, { count })
  }
  while (!(await isConnected())) await new Promise(setImmediate)
  await running.arbiter.plugins.unload('redis-observer')
  while ((await server.connections()) > 0) await new Promise(setImmediate)
  assert.deepEqual(log.matching(/sesame/), [])
})

test('a plugin that ends while a paused server is asked restarts nothing', async () => {
  await using server = await RedisServer.start()
  server.signal('SIGSTOP')
  await using running = await startArbiter(`
[plugin:redis-observer]
redis_url = redis://127.0.0.1:${server.port}
loop_rate = 0.05
restart_on_timeout = web
[watcher:web]
cmd = sleep 60
`)
  while ((await server.connections()) === 0) await new Promise(setImmediate)
  await running.arbiter.plugins.unload('redis-observer')
  while ((await server.connections()) > 0) await new Promise(setImmediate)
  await untilTrue(() => running.arbiter.watcher('web').status === 'active')
  assert.ok(!running.events.of('web').includes('stop'))
  assert.deepEqual(running.log.matching(/redis at|failed/), [])
})

test('a URL that is wrong is named, and what is in it is not', async () => {
  await using running = await startArbiter('[plugin:redis-observer]\nredis_url = redis://:open/sesame@localhost\n')
  const [record = ''] = running.log.matching(/left out/)
  assert.match(record, /\[plugin:redis-observer\] is left out: property 'redis_url' must be redis:\/\/\[\[user\]/)
  assert.doesNotMatch(record, /sesame/)
})
