import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CircusClient } from '../../../core/index.ts'
import { startPlugin, ways } from '../ways.ts'
import { HookServer } from './hook-server.ts'

const watcher = '[watcher:web]\ncmd = sleep 60\n'
const brief = 'events = updated\ntemplate = {summary} {count}\nretry_delay = 0.01'

/** Something happens that is told. */
const happen = (client: CircusClient, times = 1) =>
  Promise.all(
    Array.from({ length: times }, () => client.call('set', { name: 'web', options: { graceful_timeout: 30 } })),
  )

for (const way of ways) {
  test(`${way}: a server that fails is tried again until it takes it, and its address is not in the log`, async () => {
    await using server = await HookServer.start((response, count) => {
      if (count === 1) response.writeHead(500).end()
      else if (count === 2) response.writeHead(429, { 'retry-after': '1' }).end()
      else if (count === 3) response.destroy()
      else if (count > 4) response.end()
    })
    // The fourth has no answer at all.
    const section = `url = ${server.url}\n${brief}\ntimeout = 0.3`
    await using running = await startPlugin(way, 'notify', section, watcher)

    await happen(running.client)

    await running.log.record(/http:\/\/127\.0\.0\.1:\d+\/… is well again, after 4 failures/)
    assert.equal(server.told.all.length, 5)
    for (const why of [
      'answers 500',
      'answers 429',
      'ends the connection without an answer',
      'no answer within 0.3 s',
    ]) {
      await running.log.record(new RegExp(`warning.*/… ${why}`))
    }
    assert.deepEqual(running.log.matching(/notify.*SECRET/), [])
  })
}

test('a refusal that lasts is not tried again, and told in the log', async () => {
  await using server = await HookServer.start((response, count) => response.writeHead(count === 1 ? 404 : 302).end())
  await using running = await startPlugin('in the daemon', 'notify', `url = ${server.url}\n${brief}`, watcher)

  await happen(running.client)
  await running.log.record(/error.*notify: nobody was told of web updated \(updated\): answers 404$/)
  await happen(running.client)
  await running.log.record(/error.*nobody was told of web updated .*: answers 302, which leads elsewhere/)

  assert.equal(server.told.all.length, 2)
})

test('after all tries a message is given up, and the next one has its own', async () => {
  await using server = await HookServer.start((response, count) => response.writeHead(count <= 3 ? 503 : 200).end())
  const section = `url = ${server.url}\n${brief}\nretries = 2`
  await using running = await startPlugin('in the daemon', 'notify', section, watcher)

  await happen(running.client)
  await running.log.record(/nobody was told of web updated .*: answers 503/)
  await happen(running.client)

  await server.told.until(() => true, { count: 4 })
})

test('a server that is not there is waited for', async () => {
  const gone = await HookServer.start()
  const { url, port } = gone
  await gone[Symbol.asyncDispose]()
  const section = `url = ${url}\n${brief}\nretries = 100`
  await using running = await startPlugin('in the daemon', 'notify', section, watcher)

  await happen(running.client)
  await running.log.record(/warning.*\/… refuses connections/)
  await using server = await HookServer.start(undefined, port)

  await server.message(/updated 1/)
  assert.equal(running.log.matching(/refuses connections/).length, 1)
})

test('what is too much is counted, and told in one message', async () => {
  await using server = await HookServer.start()
  const section = `url = ${server.url}\n${brief}\nrate_limit = 3\nrate_window = 1`
  await using running = await startPlugin('in the daemon', 'notify', section, watcher)

  await happen(running.client, 1000)

  await server.message(/997 more since \S+Z: web updated: 997 997"/)
  assert.deepEqual(server.texts.slice(0, 3), ['updated 1', 'updated 1', 'updated 1'])
  assert.equal(server.told.all.length, 4)
})

test('no more wait than are to; the others are counted', async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  await using server = await HookServer.start((response, count) => {
    if (count > 1) response.end()
    else void released.then(() => response.end())
  })
  const section = `url = ${server.url}\n${brief}\nrate_limit = 10000\nrate_window = 1\nqueue = 5`
  await using running = await startPlugin('in the daemon', 'notify', section, watcher)

  await happen(running.client, 100)
  await server.told.until(() => true)
  release()

  await server.message(/95 more since .* 95"/)
  assert.equal(server.told.all.length, 6)
})

test('headers, a password in the address and the other formats are sent as they are written', async () => {
  await using server = await HookServer.start()
  const url = server.url.replace('//', '//me:pa%20ss@')
  const section = `use = notify\nevents = updated`
  const ini = `${watcher}
    [plugin:json]
    ${section}
    url = ${url}
    format = json
    headers = X-One: 1
      X-Two: two
    [plugin:text]
    ${section}
    url = ${server.url}/text
    format = text
    template = {watcher}\\n{summary}`
  const lines = ini.replaceAll('      X-Two', '\tX-Two')
  await using running = await startPlugin('in the daemon', 'notify', 'command = true', lines)

  await happen(running.client)
  await server.told.until(() => true, { count: 2 })

  const json = server.told.all.find(({ path }) => !path.endsWith('text'))!
  assert.equal(json.headers.authorization, `Basic ${Buffer.from('me:pa ss').toString('base64')}`)
  assert.deepEqual([json.headers['x-one'], json.headers['x-two']], ['1', 'two'])
  const { time, host, text, ...rest } = JSON.parse(json.body)
  const nothing = { pid: null, exit_code: null, signal: null, lines: [] }
  assert.deepEqual(rest, { watcher: 'web', event: 'updated', summary: 'updated', reason: '', count: 1, ...nothing })
  assert.ok(time > 0 && host && text.startsWith('web on'))
  const plain = server.told.all.find(({ path }) => path.endsWith('text'))!
  assert.deepEqual([plain.body, plain.headers['content-type']], ['web\nupdated', 'text/plain; charset=utf-8'])
})

for (const way of ways) {
  test(`${way}: what still waits at the end is tried once more, without the long pauses`, async () => {
    await using server = await HookServer.start((response, count) => response.writeHead(count === 1 ? 503 : 200).end())
    const section = `url = ${server.url}\nevents = updated\nretry_delay = 3600`
    await using running = await startPlugin(way, 'notify', section, watcher)
    await happen(running.client, 2)
    await running.log.record(/answers 503/)

    await running.arbiter.plugins.unload('notify')

    assert.equal(server.told.all.length, 3)
  })
}
