import assert from 'node:assert/strict'
import { test } from 'node:test'
import { statsdOf } from '../../../plugins/lib/statsd.ts'
import { LogRecorder } from '../../harness/index.ts'
import { StatsdServer } from '../statsd-server.ts'

const options = { sample_rate: 1, application_name: undefined }

test('counts, gauges and times come, in few datagrams, also those of the last moment', async () => {
  await using server = await StatsdServer.start()
  const { log } = new LogRecorder()
  const ended = new AbortController()
  const statsd = await statsdOf({ log, signal: ended.signal }, { ...options, host: '127.0.0.1', port: server.port })
  statsd.count('web.up')
  statsd.count('web.up', 2)
  statsd.gauge('web.size', 4.5)
  statsd.gauge('web.nothing', Number.NaN)
  statsd.timing('web.took', 17)
  ended.abort()
  statsd.count('web.late')
  await server.untilCounter('circus.app.watcher.web.up', 3)
  const sent = server.lines.all
  assert.deepEqual(sent, [
    'circus.app.watcher.web.up:1|c',
    'circus.app.watcher.web.up:2|c',
    'circus.app.watcher.web.size:4.5|g',
    'circus.app.watcher.web.took:17|ms',
  ])
})

test('a server that was named and is not there is told once, and what it missed is lost', async () => {
  await using server = await StatsdServer.start()
  await server.stop()
  const recorder = new LogRecorder()
  const ended = new AbortController()
  const statsd = await statsdOf(
    { log: recorder.log, signal: ended.signal },
    { ...options, host: '127.0.0.1', port: server.port },
    'shop',
  )
  const counting = setInterval(() => statsd.count('web.tick'), 5)
  const words = /^warning .*statsd at 127\.0\.0\.1:\d+: nobody listens there/
  await recorder.record(words)
  await server.run()
  await server.untilCounter('circus.shop.watcher.web.tick')
  clearInterval(counting)
  ended.abort()
  assert.equal(recorder.all.filter((line) => words.test(line)).length, 1)
})

test('an empty host or application name is none', async () => {
  await using server = await StatsdServer.start()
  const { log } = new LogRecorder()
  const ended = new AbortController()
  const statsd = await statsdOf(
    { log, signal: ended.signal },
    { ...options, application_name: '', host: '', port: server.port },
  )
  statsd.count('web.up')
  ended.abort()
  await server.untilCounter('circus.app.watcher.web.up')
})
