import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { startGuarded } from '../../core/channel/curve/daemon.ts'
import { isAlive, startArbiter, untilTrue } from '../../harness/index.ts'
import { startStats, ways } from './daemon.ts'
import { StatsListener } from './listener.ts'

const web = '[watcher:web]\ncmd = sleep 60\n'
const circus = (more: string) =>
  `[circus]\nendpoint = ipc://FOLDER/control.sock\npubsub_endpoint = ipc://FOLDER/events.sock\n${more}`

for (const way of Object.keys(ways) as (keyof typeof ways)[]) {
  test(`${way}: globaloptions tells the real port`, async () => {
    await using daemon = await startStats(way, web)
    const { options } = await daemon.client.call<{ options: Record<string, string> }>('globaloptions')
    assert.equal(options['stats_endpoint'], daemon.stats)
    assert.match(daemon.stats, /^tcp:\/\/127\.0\.0\.1:\d+$/)
  })

  test(`${way}: with auth = curve only who has a key hears anything`, async () => {
    const daemon = await startGuarded('tcp', `stats_endpoint = tcp://127.0.0.1:*\n${ways[way]}${web}`)
    await using _ = daemon
    const keys = daemon.add('reader', 'view')
    await untilTrue(() => /:\d+$/.test(daemon.arbiter.statsEndpoint), 'the stats endpoint')

    await using reader = await StatsListener.at(daemon.arbiter.statsEndpoint, ['stat.web'], keys)

    await reader.next('stat.web')
    await assert.rejects(StatsListener.at(daemon.arbiter.statsEndpoint), { code: 'ERR_KEY_WANTED' })
  })

  test(`${way}: who has subscribed to one watcher hears of no other`, async () => {
    await using daemon = await startStats(way, `${web}[watcher:db]\ncmd = sleep 61\n`)
    await using listener = await daemon.listen(['stat.db'])
    const messages = listener.next('stat.db', 3)
    await messages
    assert.deepEqual([...new Set(listener.all.map(({ topic }) => topic.split('.')[1]))], ['db'])
  })
}

test('statsd = True is enough, also without an endpoint of its own', async () => {
  await using running = await startArbiter(
    `${circus('statsd = True\n')}stats_endpoint = ipc://FOLDER/stats.sock\n${web}`,
  )
  await using listener = await StatsListener.at(`ipc://${running.folder.path('stats.sock')}`)
  await listener.next('stat.web')
})

test('a section of another name that uses the plugin is enough as well, and it is not loaded twice', async () => {
  const section = '[plugin:figures]\nuse = stats\ninterval = 0.1\n'
  await using running = await startArbiter(`${circus('stats_endpoint = tcp://127.0.0.1:*\n')}${section}${web}`)
  assert.deepEqual(
    running.arbiter.plugins.loaded.map(({ config }) => config.name),
    ['figures'],
  )
  await using listener = await StatsListener.at(running.arbiter.statsEndpoint)
  await listener.next('stat.web')
})

test('a busy endpoint is told in the log, and the daemon goes on', async () => {
  await using first = await startArbiter(`${circus('stats_endpoint = tcp://127.0.0.1:*\n')}`)
  const busy = first.arbiter.statsEndpoint

  await using running = await startArbiter(`${circus(`stats_endpoint = ${busy}\n`)}${web}`)

  const [told] = running.log.matching(/\[plugin:stats\] is left out: /)
  assert.match(told!, /stats_endpoint/)
  assert.ok(told!.includes(busy), told)
  assert.equal(running.log.matching(/is left out/).length, 1)
  assert.ok(isAlive(running.arbiter.watcher('web').pids[0]!))
})

test('an endpoint that others can reach is refused without keys, and the daemon goes on', async () => {
  await using running = await startArbiter(`${circus('stats_endpoint = tcp://0.0.0.0:*\n')}${web}`)
  await running.log.record(/\[plugin:stats\] is left out: .*stats_endpoint/)
  assert.ok(isAlive(running.arbiter.watcher('web').pids[0]!))
})

test('a slip in its options is told, and the daemon goes on', async () => {
  const section = '[plugin:stats]\nintervall = 2\n'
  await using running = await startArbiter(`${section}${web}`)
  await running.log.record(/\[plugin:stats\] is left out: .*intervall: there is no such option/)
  await using other = await startArbiter('[plugin:stats]\ninterval = often\n')
  await other.log.record(/\[plugin:stats\] is left out: .*interval.* a number from 0\.1 to 3600/)
})

test('reloadconfig moves the channel, opens it and closes it', async () => {
  await using running = await startArbiter(web)
  const { folder, client, arbiter } = running
  const base = circus('')
  const at = (name: string) => `ipc://${folder.path(name)}`
  const reload = async (more: string) => {
    folder.write('circus.ini', `${base.replaceAll('FOLDER', folder.root)}${more}${web}`)
    await client.call('reloadconfig', { waiting: true })
  }
  assert.deepEqual(arbiter.plugins.loaded, [])

  await reload(`stats_endpoint = ${at('a')}\n`)
  assert.equal(arbiter.statsEndpoint, at('a'))
  await using first = await StatsListener.at(at('a'))
  await first.next('stat.web')

  await reload(`stats_endpoint = ${at('b')}\n`)
  assert.equal(arbiter.statsEndpoint, at('b'))
  await using second = await StatsListener.at(at('b'))
  await second.next('stat.web')
  assert.equal(existsSync(folder.path('a')), false)

  await reload('')
  assert.deepEqual(arbiter.plugins.loaded, [])
  assert.equal(arbiter.statsEndpoint, 'tcp://127.0.0.1:5557')
  assert.equal(arbiter.stopping, false)
})

test('a plugin that is unloaded in its own process has closed the channel, and the daemon knows', async () => {
  await using daemon = await startStats('in a process of its own', web)
  const at = daemon.stats
  await daemon.arbiter.plugins.unload('stats')
  assert.equal(daemon.arbiter.statsEndpoint, 'tcp://127.0.0.1:*')
  assert.notEqual(at, daemon.arbiter.statsEndpoint)
})
