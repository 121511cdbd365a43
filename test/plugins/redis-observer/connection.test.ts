import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as library from '@redis/client'
import { parseRedisUrl } from '../../../plugins/redis-observer/address.ts'
import { NoAnswerError, RedisConnection } from '../../../plugins/redis-observer/connection.ts'
import { RedisServer } from './redis-server.ts'

const PATIENT_MS = 20_000

const connectionTo = (url: string, timeoutMs = PATIENT_MS) => {
  const connection = new RedisConnection(library, parseRedisUrl(url)!, timeoutMs)
  return Object.assign(connection, { [Symbol.dispose]: () => connection.close() })
}

const places = {
  'a unix socket': ({ path }: RedisServer, password: string) => `unix://${password}@${path}?db=1`,
  TCP: ({ port }: RedisServer, password: string) => `redis://${password}@127.0.0.1:${port}/1`,
}

for (const [place, urlOf] of Object.entries(places)) {
  test(`over ${place}: one connection is kept, and made anew after a pause or a restart`, async () => {
    await using server = await RedisServer.start('sesame')
    const url = urlOf(server, ':sesame')
    using connection = connectionTo(url)

    const first = await connection.info()
    assert.equal(first.get('connected_clients'), '1')
    assert.equal((await connection.info()).get('total_connections_received'), first.get('total_connections_received'))

    server.signal('SIGSTOP')
    using hasty = connectionTo(url, 100)
    for (const _ of [1, 2]) {
      await assert.rejects(hasty.info(), new NoAnswerError('gives no answer within 0.1 s'))
    }
    server.signal('SIGCONT')
    assert.ok((await connection.info()).has('used_memory'))

    await server.kill()
    await assert.rejects(connection.info(), NoAnswerError)
    await server.run()
    assert.equal((await connection.info()).get('connected_clients'), '1')
  })

  test(`over ${place}: what the server says is wrong is told, without the password`, async () => {
    await using server = await RedisServer.start('sesame')
    for (const [password, words] of [
      ['', /^says NOAUTH /],
      [':open', /^says (WRONGPASS|ERR invalid password)/],
      ['me:open', /^says WRONGPASS/],
    ] as const) {
      using connection = connectionTo(urlOf(server, password))
      await assert.rejects(connection.info(), (error: Error) => {
        assert.match(error.message, words)
        assert.doesNotMatch(error.message, /open/)
        return !(error instanceof NoAnswerError)
      })
    }
  })
}

test('a connection that is closed while a server is asked leaves nothing', async () => {
  await using server = await RedisServer.start()
  using connection = connectionTo(`redis://127.0.0.1:${server.port}`)
  await connection.info()
  server.signal('SIGSTOP')
  const asked = assert.rejects(connection.info(), NoAnswerError)
  connection.close()
  await asked
  const connecting = assert.rejects(connection.info(), NoAnswerError)
  connection.close()
  await connecting
  while ((await server.connections()) > 0) await new Promise(setImmediate)
})

test('a server that is not there, or speaks something else, fails in words of its own', async () => {
  using nowhere = connectionTo('redis://nowhere.invalid')
  await assert.rejects(nowhere.info(), /^NoAnswerError: fails: getaddrinfo /)
  using tls = connectionTo('unix:///nowhere/redis.sock')
  await assert.rejects(tls.info(), new NoAnswerError('fails: connect ENOENT /nowhere/redis.sock'))
})
