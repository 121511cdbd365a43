import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StatsdServer } from '../statsd-server.ts'
import { startPlugin, ways } from '../ways.ts'

for (const way of ways) {
  test(`${way}: each event is counted, and names with signs of the protocol break nothing`, async () => {
    await using server = await StatsdServer.start()
    await using running = await startPlugin(
      way,
      'statsd',
      `${server.ini}application_name = my shop`,
      `[watcher:web]
      cmd = sleep 60
      autostart = false
      [watcher:a:b|c@d e]
      cmd = sleep 60
      autostart = false`,
    )
    const { client } = running
    for (const name of ['web', 'a:b|c@d e']) {
      await client.call('start', { name, match: 'simple', waiting: true })
      await client.call('stop', { name, match: 'simple', waiting: true })
    }

    const prefix = 'circus.my_shop.watcher'
    await server.untilCounter(`${prefix}.a_b_c_d_e.stop`)
    for (const event of ['spawn', 'start', 'kill', 'reap', 'stop']) {
      assert.equal(server.counter(`${prefix}.web.${event}`), 1, event)
      assert.equal(server.counter(`${prefix}.a_b_c_d_e.${event}`), 1, event)
    }
    assert.ok(server.lines.all.includes(`${prefix}.web.start:1|c`), server.lines.all.join('\n'))
    assert.equal(server.counter('statsd.bad_lines_seen'), 0)
  })

  test(`${way}: under the class path of FullStats, what processes use comes as gauges, and no counts`, async () => {
    await using server = await StatsdServer.start()
    await using running = await startPlugin(
      way,
      'full',
      `use = circus.plugins.statsd.FullStats
      loop_rate = 0.1
      ${server.ini}`,
      `[watcher:web]
      cmd = sleep 60
      numprocesses = 2
      [watcher:idle]
      cmd = sleep 60
      autostart = false`,
    )
    const { client } = running
    await client.call('start', { name: 'web', waiting: true })
    const stats = 'circus.app.watcher._stats'
    assert.equal(await server.gauge(`${stats}.web.watchers_num`, { matches: (value) => value === 2 }), 2)
    const from = server.flushes.all.length
    const gauge = (name: string) => server.gauge(`${stats}.web.${name}`, { from })
    const { info } = await client.call<{ info: Record<string, { rss: number; mem: number }> }>('stats', { name: 'web' })
    const [one, other] = Object.values(info)
    assert.equal(await gauge('mem_max'), Math.max(one!.rss, other!.rss))
    assert.equal(await gauge('mem_sum'), one!.rss + other!.rss)
    assert.ok((await gauge('mem_pct_max')) > 0)
    assert.ok((await gauge('mem_pct_sum')) >= (await gauge('mem_pct_max')))
    assert.ok((await gauge('cpu_max')) >= 0)
    assert.ok((await gauge('cpu_sum')) >= 0)
    assert.equal(await gauge('spawn_count'), 2)

    await client.call('restart', { name: 'web', waiting: true })
    await server.gauge(`${stats}.web.spawn_count`, { matches: (value) => value === 4 })
    assert.equal(await server.gauge(`${stats}.idle.watchers_num`), 0)
    assert.equal(await server.gauge(`${stats}.idle.spawn_count`), 0)
    const sent = server.lines.all.join('\n')
    assert.doesNotMatch(sent, /idle\.(cpu|mem)|plugin|\|c/)
  })
}

test('what happened last is sent when the plugin ends', async () => {
  await using server = await StatsdServer.start()
  await using running = await startPlugin('in the daemon', 'statsd', server.ini)
  running.arbiter.events.publish('web', 'last')
  await running.arbiter.plugins.unload('statsd')
  await server.untilCounter('circus.app.watcher.web.last')
})

test('with a sample rate, a part of the counts is sent and made up for, and each gauge', async () => {
  await using server = await StatsdServer.start()
  await using running = await startPlugin(
    'in the daemon',
    'statsd',
    `${server.ini}sample_rate = 0.5\nfull = true\nloop_rate = 0.05`,
    '[watcher:web]\ncmd = sleep 60\nautostart = false',
  )
  const { arbiter, client } = running
  for (let i = 0; i < 400; i++) arbiter.events.publish('web', 'tick')
  await client.call('start', { name: 'web', waiting: true })
  await server.gauge('circus.app.watcher._stats.web.watchers_num', { matches: (value) => value === 1 })

  const ticks = server.lines.all.filter((line) => line.startsWith('circus.app.watcher.web.tick:'))
  assert.ok(ticks.length > 120 && ticks.length < 280, String(ticks.length))
  assert.ok(ticks.every((line) => line === 'circus.app.watcher.web.tick:1|c|@0.5'))
  assert.equal(server.counter('circus.app.watcher.web.tick'), 2 * ticks.length)
  assert.ok(server.lines.all.filter((line) => line.includes('|g')).every((line) => !line.includes('@')))
})

test('wrong options are named, with what to write', async () => {
  for (const [option, said] of [
    ['port = 70000', /'port' must be an integer from 1 to 65535/],
    ['sample_rate = 0', /'sample_rate' must be a number from 0\.0001 to 1/],
    ['hots = a', /hots: there is no such option/],
  ] as const) {
    await using running = await startPlugin('in the daemon', 'flapping', '', `[plugin:statsd]\n${option}`)
    await running.log.record(new RegExp(`^error plugins: .*\\[plugin:statsd\\] is left out: .*${said.source}`))
  }
})
