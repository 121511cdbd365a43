import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseRedisUrl } from '../../../plugins/redis-observer/address.ts'

const local = { socket: { host: 'localhost', port: 6379 }, place: 'redis at localhost:6379' }

test('the URLs of redis-py are read, and no secret is in what the log calls them', () => {
  assert.deepEqual(parseRedisUrl('redis://localhost:6379/0'), local)
  assert.deepEqual(parseRedisUrl('redis://'), local)
  assert.deepEqual(parseRedisUrl('redis://:open%40sesame@localhost'), { ...local, password: 'open@sesame' })
  assert.deepEqual(parseRedisUrl('redis://me:sesame@localhost/3'), {
    ...local,
    username: 'me',
    password: 'sesame',
    database: 3,
  })
  assert.deepEqual(parseRedisUrl('redis://localhost?db=2&password=sesame'), {
    ...local,
    password: 'sesame',
    database: 2,
  })
  assert.deepEqual(parseRedisUrl('redis://[::1]:1'), { socket: { host: '::1', port: 1 }, place: 'redis at [::1]:1' })
  assert.deepEqual(parseRedisUrl('rediss://db.example.com')?.socket, {
    host: 'db.example.com',
    port: 6379,
    tls: true,
    servername: 'db.example.com',
  })
  assert.deepEqual(parseRedisUrl('rediss://10.0.0.1')?.socket, { host: '10.0.0.1', port: 6379, tls: true })
  assert.deepEqual(parseRedisUrl('unix:///run/redis.sock'), {
    socket: { path: '/run/redis.sock' },
    place: 'redis at /run/redis.sock',
  })
  assert.deepEqual(parseRedisUrl('unix://:sesame@/run/redis%20server.sock?db=1'), {
    socket: { path: '/run/redis server.sock' },
    password: 'sesame',
    database: 1,
    place: 'redis at /run/redis server.sock',
  })
})

test('what is none is told apart', () => {
  for (const text of [
    '',
    'localhost',
    'http://localhost/',
    'redis://here:port',
    'redis://here/zero',
    'redis://here/-1',
  ]) {
    assert.equal(parseRedisUrl(text), undefined, text)
  }
  for (const text of ['unix://', 'unix:///', 'unix://here/run/redis.sock', 'redis://:100%@here', 'redis://:a/b@here']) {
    assert.equal(parseRedisUrl(text), undefined, text)
  }
})
