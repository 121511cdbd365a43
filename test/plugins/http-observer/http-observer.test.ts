import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type RunningArbiter, startArbiter, untilTrue } from '../../harness/index.ts'
import { StatsdServer } from '../statsd-server.ts'
import { startPlugin, ways } from '../ways.ts'
import { MoodyServer } from './moody-server.ts'

const counters = 'circus.http_observer.watcher.http_stats'
const web = '[watcher:web]\ncmd = sleep 60\n'
const restartsOf = ({ events }: RunningArbiter, watcher: string) =>
  events.of(watcher).filter((event) => event === 'stop').length

for (const way of ways) {
  test(`${way}: a website is timed while it is well, each failure is counted, and its watcher restarted`, async () => {
    await using statsd = await StatsdServer.start()
    await using server = await MoodyServer.start()
    const section = `check_url = ${server.url}\nloop_rate = 0.05\ntimeout = 0.3\nrestart_on_error = web\n${statsd.ini}`
    await using running = await startPlugin(way, 'http-observer', section, web)

    const [ms] = await statsd.timer(`${counters}.request_time`)
    assert.ok(Number.isInteger(ms))

    server.mood = 'status 500'
    await statsd.untilCounter(`${counters}.error.500`)
    // On a busy machine there may have been one before that came too late.
    const why = `${server.url} answers 500 Internal Server Error`
    await running.events.until(({ topic, payload }) => topic === 'watcher.web.stop' && payload['reason'] === why)
    await running.events.event('web.start', { count: 2 })

    for (const mood of ['no answer', 'reset midway', 'refused'] as const) {
      const before = statsd.counter(`${counters}.error.599`)
      if (mood === 'refused') await server.close()
      else server.mood = mood
      await statsd.untilCounter(`${counters}.error.599`, before + 1)
    }

    server.mood = 'well'
    await server.listen()
    await statsd.timer(`${counters}.request_time`, { from: statsd.flushes.all.length })
    await untilTrue(() => running.arbiter.watcher('web').status === 'active')
    const restarts = restartsOf(running, 'web')
    await statsd.untilCounter(`${counters}.restart_on_error`, restarts)
    assert.equal(statsd.counter(`${counters}.restart_on_error`), restarts)
    assert.ok(statsd.counter(`${counters}.error`) >= 4)
  })

  test(`${way}: no restart is asked for while one is under way, and none when all is well again`, async () => {
    const stubborn = `sh -c 'trap "while test ! -e FOLDER/go; do sleep 0.05; done; exit" TERM; while :; do sleep 0.05; done'`
    await using server = await MoodyServer.start()
    const section = `check_url = ${server.url}\nloop_rate = 0.05\nrestart_on_error = web`
    const ini = `[watcher:web]\ncmd = ${stubborn}\ngraceful_timeout = 60\n`
    await using running = await startPlugin(way, 'http-observer', section, ini)

    server.mood = 'status 500'
    await running.events.event('web.kill')
    const seen = server.requests
    await untilTrue(() => server.requests > seen + 4)
    server.mood = 'well'
    const failing = server.requests
    await untilTrue(() => server.requests > failing + 1)
    running.folder.write('go', '')
    await running.events.event('web.start', { count: 2 })
    const before = server.requests
    await untilTrue(() => server.requests > before + 2)

    assert.equal(restartsOf(running, 'web'), 1)
    assert.equal(running.arbiter.watcher('web').status, 'active')
  })

  test(`${way}: a glob restarts whom it picks, after so many failures in a row; what is stopped stays so`, async () => {
    await using server = await MoodyServer.start()
    const section = `check_url = ${server.url}\nloop_rate = 0.05\nrestart_on_error = *e*b-?\nmax_count = 3`
    const watchers = ['web-1', 'WEB-2', 'web-off', 'other'].map((name) => `[watcher:${name}]\ncmd = sleep 60\n`)
    const off = '[watcher:web-3]\ncmd = sleep 60\nautostart = false\n'
    await using running = await startPlugin(way, 'http-observer', section, watchers.join('') + off)

    const before = server.requests
    server.mood = 'status 500'
    await running.events.event('web-1.start', { count: 2 })
    await running.events.event('web-2.start', { count: 2 })

    assert.ok(server.requests >= before + 3)
    assert.equal(restartsOf(running, 'web-off') + restartsOf(running, 'other'), 0)
    assert.equal(running.arbiter.watcher('web-3').status, 'stopped')
  })
}

test('it is said once that something fails, that no watcher has that name, and that all is well again', async () => {
  await using server = await MoodyServer.start()
  server.mood = 'status 500'
  const address = server.url.replace('//', '//me:sesame@')
  await using running = await startArbiter(
    `[plugin:http-observer]\ncheck_url = ${address}?token=abc\nloop_rate = 0.05\nrestart_on_error = wbe\n${web}`,
  )
  const { log } = running
  await log.record(/^warning .*restart_on_error = wbe: no watcher has that name, nothing is restarted$/)
  await untilTrue(() => server.requests > 4)
  server.mood = 'well'
  await log.record(/^info .*http-observer: http:\S+ is well again, after \d+ failures$/)

  assert.equal(log.matching(/answers 500/).length, 1)
  assert.equal(log.matching(/no watcher has that name/).length, 1)
  assert.deepEqual(log.matching(/sesame|abc/), [])
  assert.equal(restartsOf(running, 'web'), 0)
})

test('a plugin that ends while it waits for an answer restarts nothing, and is not counted as failed', async () => {
  await using server = await MoodyServer.start()
  server.mood = 'no answer'
  const section = `[plugin:http-observer]\ncheck_url = ${server.url}\nloop_rate = 0.05\nrestart_on_error = web\n`
  await using running = await startArbiter(section + web)
  await untilTrue(() => server.requests > 0)
  await running.arbiter.plugins.unload('http-observer')

  assert.equal(running.arbiter.plugins.isRunning('http-observer'), false)
  await untilTrue(() => server.last?.destroyed === true)
  assert.equal(restartsOf(running, 'web'), 0)
  assert.deepEqual(running.log.matching(/failed|warning/), [])
})

test('options that are wrong are named with what to write, and passwords are not', async () => {
  const wrong = [
    [
      'check_url = ftp://me:sesame@here/',
      /property 'check_url' must be an address like http:\/\/localhost:8080\/health/,
    ],
    ['check_url = http://me:sesame%@here/', /property 'check_url' must be an address/],
    ['timeout = soon', /property 'timeout' must be a number from 0.05 to 2000000, not "soon"/],
    ['method = GIVE', /property 'method' must be GET or HEAD or POST or OPTIONS/],
    ['check_ulr = http://here/', /check_ulr: there is no such option/],
  ] as const
  const sections = wrong.map(([option], at) => `[plugin:observer-${at}]\nuse = http_observer\n${option}\n`)
  await using running = await startArbiter(sections.join(''))
  for (const [at, [, words]] of wrong.entries()) {
    const [record = ''] = running.log.matching(new RegExp(`\\[plugin:observer-${at}\\] is left out`))
    assert.match(record, words)
  }
  assert.deepEqual(running.log.matching(/sesame/), [])
})
