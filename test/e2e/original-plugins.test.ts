import assert from 'node:assert/strict'
import { chmodSync } from 'node:fs'
import { test } from 'node:test'
import type { PluginDescription } from '../../core/plugin/description.ts'
import { MoodyServer } from '../plugins/http-observer/moody-server.ts'
import { RedisServer } from '../plugins/redis-observer/redis-server.ts'
import { StatsdServer } from '../plugins/statsd-server.ts'
import { Daemon } from './support/daemon.ts'
import { Folder } from './support/folder.ts'

/** An ini of the original: everything in it is as its documentation has it, but where the servers are. */
const ini = (folder: Folder, { statsd, http, redis }: { statsd: string; http: string; redis: string }) => `
[watcher:web]
cmd = sleep 1000
numprocesses = 2

[watcher:flappy]
cmd = false

[watcher:hog]
cmd = ${process.execPath} -e "globalThis.kept = Buffer.alloc(6e7, 1); setInterval(() => {}, 1000)"

[watcher:silent]
cmd = sleep 1000

[watcher:tool]
cmd = ${folder.at('tool')}

[watcher:site]
cmd = sleep 1000

[watcher:cache]
cmd = sleep 1000

[plugin:flapping]
use = circus.plugins.flapping.Flapping
retry_in = 600
max_retry = 2

[plugin:statsd]
use = circus.plugins.statsd.StatsdEmitter
${statsd}sample_rate = 1.0
application_name = shop

[plugin:fullstats]
use = circus.plugins.statsd.FullStats
${statsd}application_name = full
loop_rate = 1

[plugin:resources]
use = circus.plugins.resource_watcher.ResourceWatcher
${statsd}application_name = resources
watcher = hog
loop_rate = 1
min_cpu = 0
max_cpu = 0
max_mem = 50M
health_threshold = 0
max_count = 1

[plugin:watchdog]
use = circus.plugins.watchdog.WatchDog
loop_rate = 1
watchers_regex = ^silent$
msg_regex = ^(?P<pid>.*);(?P<timestamp>.*)$
max_count = 1
ip = 127.0.0.1
port = 0

[plugin:reloader]
use = circus.plugins.command_reloader.CommandReloader
loop_rate = 1

[plugin:http_observer]
use = circus.plugins.http_observer.HttpObserver
${statsd}loop_rate = 1
check_url = ${http}
timeout = 5
restart_on_error = site

[plugin:redis_observer]
use = circus.plugins.redis_observer.RedisObserver
${statsd}loop_rate = 1
redis_url = ${redis}
timeout = 1
restart_on_timeout = cache
`

/** Wait until other processes are in the places of `before`. */
async function untilReplaced(daemon: Daemon, watcher: string, before: readonly number[]): Promise<void> {
  const deadline = Date.now() + 20_000
  for (let pids = before; pids.length < before.length || pids.some((pid) => before.includes(pid)); ) {
    assert.ok(Date.now() < deadline, `${watcher} still has ${pids}:\n${daemon.stdout}${daemon.stderr}`)
    pids = await daemon.pids(watcher)
  }
}

test('an ini of the original with all of its plugins, under their class paths, does here what it did there', async () => {
  using folder = new Folder()
  const writeTool = (text: string) => chmodSync(folder.write('tool', `#!/bin/sh\n${text}\nexec sleep 1000\n`), 0o755)
  writeTool('# the first')
  await using statsd = await StatsdServer.start()
  await using http = await MoodyServer.start()
  await using redis = await RedisServer.start()
  const text = ini(folder, { statsd: statsd.ini, http: http.url, redis: `redis://127.0.0.1:${redis.port}/0` })
  await using daemon = await Daemon.start(folder, text)
  const pids = async (watcher: string) => [watcher, await daemon.pids(watcher)] as const
  const before = new Map(await Promise.all(['silent', 'tool', 'site', 'cache', 'hog'].map(pids)))

  // Each has begun its work.
  const { plugins } = JSON.parse((await daemon.ctl('--json', 'plugins')).stdout)
  assert.deepEqual(
    plugins.map(({ name, state, use, file }: PluginDescription) => [
      name,
      state,
      use.split('.').at(-1),
      /plugins\/([\w-]+)\/index\.ts$/.exec(file ?? '')?.[1],
    ]),
    [
      ['flapping', 'running', 'Flapping', 'flapping'],
      ['fullstats', 'running', 'FullStats', 'statsd'],
      ['http_observer', 'running', 'HttpObserver', 'http-observer'],
      ['redis_observer', 'running', 'RedisObserver', 'redis-observer'],
      ['reloader', 'running', 'CommandReloader', 'command-reloader'],
      ['resources', 'running', 'ResourceWatcher', 'resource-watcher'],
      ['statsd', 'running', 'StatsdEmitter', 'statsd'],
      ['watchdog', 'running', 'WatchDog', 'watchdog'],
    ],
  )

  // The counters and gauges of the original, at a server that has never heard of us.
  await statsd.untilCounter('circus.shop.watcher.web.spawn', 2)
  await statsd.untilCounter('circus.shop.watcher.flappy.reap', 2)
  assert.equal(await statsd.gauge('circus.full.watcher._stats.web.watchers_num'), 2)
  for (const gauge of 'cpu_max cpu_sum mem_pct_max mem_pct_sum mem_max mem_sum spawn_count'.split(' ')) {
    assert.ok((await statsd.gauge(`circus.full.watcher._stats.web.${gauge}`)) >= 0)
  }
  await statsd.timer('circus.http_observer.watcher.http_stats.request_time')
  assert.ok((await statsd.gauge('circus.redis_observer.watcher.redis_stats.used_memory')) > 0)

  // Whom each of them is there for.
  await daemon.line(/flappy flaps: \d+ deaths within 1 s; it is stopped, retry 1 of 2 in 600 s/)
  await untilReplaced(daemon, 'silent', before.get('silent')!)
  await statsd.untilCounter('circus.resources.watcher._resource_watcher.hog.over_memory')
  await statsd.untilCounter('circus.resources.watcher._resource_watcher.hog.restarting')
  await untilReplaced(daemon, 'hog', before.get('hog')!)
  writeTool('# the second, which is longer')
  http.mood = 'status 500'
  redis.signal('SIGSTOP')
  await untilReplaced(daemon, 'tool', before.get('tool')!)
  await statsd.untilCounter('circus.http_observer.watcher.http_stats.error.500')
  await untilReplaced(daemon, 'site', before.get('site')!)
  await statsd.untilCounter('circus.redis_observer.watcher.redis_stats.restart_on_error')
  await untilReplaced(daemon, 'cache', before.get('cache')!)
})
