import assert from 'node:assert/strict'
import { test } from 'node:test'
import { check, type Question } from '../../../plugins/http-observer/check.ts'
import { type Mood, MoodyServer } from './moody-server.ts'

const never = new AbortController().signal

/** What comes of asking a server in that mood: the code and how it failed, or `good`. */
async function ask(server: MoodyServer, mood: Mood, question: Partial<Question> = {}): Promise<string> {
  server.mood = mood
  const whole = { url: new URL(server.url), method: 'GET', timeoutMs: 20_000, expect: undefined, ...question }
  const outcome = await check(whole, never)
  return outcome.id === 'good' ? 'good' : `${outcome.code} ${outcome.how}`
}

test('each way to fail has the code that it has in the original, and words of its own', async () => {
  await using server = await MoodyServer.start()
  const quick = { timeoutMs: 100 }

  assert.equal(await ask(server, 'well'), 'good')
  assert.equal(await ask(server, 'no answer', quick), '599 gives no answer within 0.1 s')
  assert.equal(await ask(server, 'no end', quick), '599 gives no end of the answer within 0.1 s')
  assert.equal(await ask(server, 'status 500'), '500 answers 500 Internal Server Error')
  assert.equal(await ask(server, 'status 404'), '404 answers 404 Not Found')
  assert.match(await ask(server, 'reset'), /^599 fails: .*(ECONNRESET|other side closed)/)
  assert.match(await ask(server, 'reset midway'), /^599 fails: ./)
  assert.equal(await ask(server, 'redirect loop'), '302 answers 302 Found')
  assert.equal(await ask(server, 'redirect to a file'), '599 fails: it redirects to what is no website')
  assert.equal(
    await ask(server, 'well', { url: new URL(server.url.replace('http', 'https')) }),
    '599 fails: TLS: wrong version number',
  )
  await server.close()
  assert.equal(await ask(server, 'well'), `599 fails: connect ECONNREFUSED 127.0.0.1:${server.port}`)
  assert.match(await ask(server, 'well', { url: new URL('http://nowhere.invalid/') }), /^599 fails: getaddrinfo /)
})

test('five redirects are followed, and a post that is redirected becomes a get', async () => {
  await using server = await MoodyServer.start()
  assert.equal(await ask(server, 'five redirects', { method: 'POST' }), 'good')
  assert.deepEqual([server.requests, server.last?.url, server.last?.method], [6, '/5', 'GET'])
})

test('of an answer without end no more than the beginning is read, and no connection is left', async () => {
  await using server = await MoodyServer.start()
  assert.equal(await ask(server, 'endless', { expect: 'more and more' }), 'good')
  for (const mood of ['well', 'status 500', 'redirect loop'] as const) await ask(server, mood)
  assert.equal(server.last?.headers.connection, 'close')
  while ((await server.connections()) > 0) await new Promise(setImmediate)
})

test('an answer without what is expected in it is an error', async () => {
  await using server = await MoodyServer.start()
  assert.equal(await ask(server, 'well', { expect: 'is well' }), 'good')
  assert.equal(await ask(server, 'well', { expect: 'unwell' }), '200 answers 200, but without "unwell"')
  assert.equal(await ask(server, 'well', { method: 'HEAD' }), 'good')
  assert.equal(server.last?.method, 'HEAD')
})

test('name and password of the address are sent as the header they are meant for', async () => {
  await using server = await MoodyServer.start()
  assert.equal(await ask(server, 'well', { url: new URL(server.url.replace('//', '//me:open%20sesame@')) }), 'good')
  assert.equal(server.last?.headers.authorization, `Basic ${Buffer.from('me:open sesame').toString('base64')}`)
})

test('a question ends with its signal', async () => {
  await using server = await MoodyServer.start()
  server.mood = 'no answer'
  const end = new AbortController()
  const question = { url: new URL(server.url), method: 'GET', timeoutMs: 20_000, expect: undefined }
  const asked = check(question, end.signal)
  while (server.requests === 0) await new Promise(setImmediate)
  end.abort()
  await assert.rejects(asked, { name: 'AbortError' })
})
