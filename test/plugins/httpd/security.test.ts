import assert from 'node:assert/strict'
import test, { after, before, describe } from 'node:test'
import { startArbiter } from '../../harness/index.ts'
import { type RunningConsole, startConsole } from './console.ts'

const ini = `
[watcher:web]
cmd = sleep 1000
env.API_TOKEN = hunter2

[plugin:mine]
use = ./mine.ts
`
const mine = `export default { name: 'mine', setup(circus) {
  circus.command({ name: 'shout', summary: 'Shout.', role: 'operate', properties: schema, execute: () => ({ said: 'oh' }) })
} }
const schema = { '~standard': { version: 1, vendor: 'x', validate: (value) => ({ value }), jsonSchema: { input: () => ({ type: 'object' }), output: () => ({}) } } }
`

describe('a console with a token', () => {
  let running: RunningConsole
  before(async () => {
    running = await startConsole(ini, '', { files: { 'mine.ts': mine } })
  })
  after(() => running[Symbol.asyncDispose]())

  test('the link of the log leads to it, and nothing but the page is shown without logging in', async () => {
    const visitor = running.visitor()
    assert.match(running.link, /^http:\/\/localhost:\d+\/#token=[\w-]{43}$/)
    for (const path of [
      'api/list',
      'api/live',
      'api/follow?name=web',
      'api/output?name=web',
      'api/openapi.json',
      'api/session',
    ])
      assert.deepEqual([path, (await visitor.ask(path)).status], [path, 401])
    assert.equal((await visitor.post('api/stop', { name: 'web' })).json.error.code, 'ERR_LOGIN_WANTED')
    const { json } = await visitor.ask('api/session')
    assert.deepEqual([json.error.code, json.error.auth], ['ERR_LOGIN_WANTED', 'token'])
  })

  test('the cookie is for this console alone: HttpOnly, SameSite=Strict, and worth nothing after logging out', async () => {
    const admin = await running.admin()
    const answer = await admin.logIn()
    const [cookie = ''] = answer.headers['set-cookie'] ?? []
    assert.match(cookie, /^circus-console-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/)
    assert.deepEqual(answer.json, { name: 'token', role: 'admin', auth: 'token', csrf: admin.csrf })
    assert.equal((await admin.ask('api/list')).status, 200)
    const kept = admin.cookie!
    const out = await admin.ask('api/session', { method: 'DELETE', headers: { 'x-csrf-token': admin.csrf } })
    assert.equal(out.status, 204)
    assert.equal((await admin.ask('api/list', { headers: { cookie: kept } })).status, 401)
  })

  test('a login ends the session that the browser had before it', async () => {
    const admin = await running.admin()
    const before = admin.cookie!
    await admin.logIn()
    assert.notEqual(admin.cookie, before)
    assert.equal((await admin.ask('api/list', { headers: { cookie: before } })).status, 401)
  })

  test('a change takes POST, the CSRF token of this very session, and JSON', async () => {
    const [admin, other] = [await running.admin(), await running.admin()]
    const code = async (headers: Record<string, string>, body: unknown = { name: 'web' }) =>
      (await admin.ask('api/incr', { method: 'POST', body, headers })).json.error?.code
    assert.equal(await code({}), 'ERR_CSRF')
    assert.equal(await code({ 'x-csrf-token': '' }), 'ERR_CSRF')
    assert.equal(await code({ 'x-csrf-token': other.csrf }), 'ERR_CSRF')
    assert.equal((await admin.ask('api/incr?name=web')).status, 405)
    assert.equal((await admin.ask('api/session', { method: 'DELETE' })).json.error.code, 'ERR_CSRF')
    const form = { 'x-csrf-token': admin.csrf, 'content-type': 'application/x-www-form-urlencoded' }
    assert.equal((await admin.ask('api/incr', { method: 'POST', body: 'name=web', headers: form })).status, 415)
    const plain = { 'x-csrf-token': admin.csrf, 'content-type': 'text/plain' }
    assert.equal((await admin.ask('api/incr', { method: 'POST', body: '{"name":"web"}', headers: plain })).status, 415)
    assert.equal(running.arbiter.watcher('web').pids.length, 1)
  })

  test('a name that is not ours is not answered: DNS rebinding', async () => {
    const admin = await running.admin()
    const { port } = new URL(running.link)
    for (const host of [
      'evil.example',
      `evil.example:${port}`,
      'localhost.evil.example',
      'a@localhost',
      'localhost/x',
    ]) {
      const { status, json } = await admin.ask('api/list', { headers: { host } })
      assert.deepEqual([host, status, json?.error.code], [host, 421, 'ERR_HOST'])
    }
    const page = await admin.ask('', { headers: { host: 'evil.example' } })
    assert.equal(page.status, 421)
    for (const host of [`127.0.0.1:${port}`, `[::1]:${port}`, 'localhost', `LOCALHOST:${port}`])
      assert.deepEqual([host, (await admin.ask('api/list', { headers: { host } })).status], [host, 200])
  })

  test('a page from elsewhere may ask nothing, not even to log in', async () => {
    const admin = await running.admin()
    const { host, port } = new URL(running.link)
    const strangers = ['http://evil.example', 'null', `https://${host}:1`, `http://localhost:${Number(port) + 1}`, 'x']
    for (const origin of strangers) {
      const { status, json } = await admin.ask('api/list', { headers: { origin } })
      assert.deepEqual([origin, status, json.error.code], [origin, 403, 'ERR_ORIGIN'])
      const login = await admin.ask('api/session', {
        method: 'POST',
        body: { token: admin.token },
        headers: { origin },
      })
      assert.equal(login.status, 403)
    }
    assert.equal((await admin.ask('api/list', { headers: { origin: `http://${host}` } })).status, 200)
    for (const site of ['cross-site', 'same-site'])
      assert.equal((await admin.ask('api/list', { headers: { 'sec-fetch-site': site } })).status, 403)
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }
    assert.notEqual((await admin.ask('', { headers: link })).status, 403)
    assert.equal((await admin.ask('api/list', { headers: link })).status, 403)
    const { headers } = await admin.ask('api/list')
    assert.equal(headers['access-control-allow-origin'], undefined)
  })

  test('everything that is answered forbids what it does not need', async () => {
    const admin = await running.admin()
    for (const path of ['', 'api/list', 'nothing', '../../etc/passwd', 'api/nothing', '%2e%2e%2fpackage.json']) {
      const { headers, status } = await admin.ask(path)
      assert.match(String(headers['content-security-policy']), /default-src 'none'.*frame-ancestors 'none'/)
      assert.doesNotMatch(String(headers['content-security-policy']), /unsafe|\*|https?:/)
      assert.equal(headers['x-content-type-options'], 'nosniff')
      assert.equal(headers['x-frame-options'], 'DENY')
      if (path !== '' && path !== 'api/list') assert.ok(status === 404 || status === 403, `${path} ${status}`)
      if (path.startsWith('api/')) assert.equal(headers['cache-control'], 'no-store')
    }
    assert.equal((await admin.ask('', { method: 'TRACE' }).catch(() => ({ status: 0 }))).status === 200, false)
  })

  test('secrets are masked for admins as well, in options, events and what a page is told', async () => {
    const admin = await running.admin()
    const { json, text } = await admin.ask('api/describe?name=web')
    assert.equal(json.watchers.web.options['env.API_TOKEN'].value, '********')
    const all = [
      text,
      ...(await Promise.all(['options?name=web', 'get?name=web&keys=env'].map((path) => admin.ask(`api/${path}`)))).map(
        (answer) => answer.text,
      ),
    ]
    for (const each of all) {
      assert.match(each, /API_TOKEN/)
      assert.doesNotMatch(each, /hunter2/)
    }
  })

  test('the token works as a bearer token, without a cookie, and a wrong one does not', async () => {
    const script = running.visitor()
    const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })
    assert.deepEqual((await script.ask('api/list', bearer(script.token))).json.watchers, ['web'])
    const stop = await script.ask('api/shout', { method: 'POST', ...bearer(script.token) })
    assert.deepEqual(stop.json, { said: 'oh' })
    assert.equal((await script.ask('api/list', bearer('wrong'))).json.error.code, 'ERR_LOGIN_FAILED')
  })

  test('commands are logged with who asked, and the link is nowhere but in its line', async () => {
    const admin = await running.admin()
    await admin.post('api/signal', { name: 'web', signum: 'CONT' })
    await running.log.record(/signal .* asked by plugin httpd for token/)
    assert.equal(running.log.all.filter((line) => line.includes(admin.token)).length, 1)
  })

  test('what nobody can read is refused, and the console goes on', async () => {
    const admin = await running.admin()
    const post = async (body: string) => {
      const headers = { 'x-csrf-token': admin.csrf }
      return (await admin.ask('api/incr', { method: 'POST', body, headers })).status
    }
    assert.equal(await post('{'), 400)
    assert.equal(await post('[]'), 400)
    assert.equal(await post('"x"'), 400)
    assert.equal(await post('{"__proto__": {"name": "web"}}'), 400)
    assert.equal(await post(`{"name": "${'x'.repeat(2 * 1024 * 1024)}"}`), 413)
    assert.equal((await admin.ask('api/constructor')).status, 404)
    assert.equal((await admin.ask('api/__proto__')).status, 404)
    assert.equal((await admin.ask('api/list?name=a&name=b')).status, 400)
    assert.equal((await admin.ask('api/live', { headers: { cookie: 'circus-console=%%%; a=b' } })).status, 401)
    assert.equal((await admin.ask('api/list')).status, 200)
  })
})

test('logins that fail are slowed and logged, and the right token has to wait with them', async () => {
  await using running = await startConsole()
  const visitor = running.visitor()
  for (const _ of [1, 2, 3]) assert.equal((await visitor.logIn({ token: 'wrong' })).status, 401)

  const slowed = await visitor.logIn()

  assert.equal(slowed.status, 429)
  assert.equal(slowed.json.error.code, 'ERR_LOGIN_SLOWED')
  assert.ok(slowed.json.error.retryAfterSeconds >= 1)
  assert.equal(slowed.headers['retry-after'], String(slowed.json.error.retryAfterSeconds))
  await running.log.record(/a login with a wrong token from (127\.0\.0\.1|::1) failed, 3 times in a row/)
  for (const line of running.log.all) assert.doesNotMatch(line, /wrong"/)
})

test('httpd_auth = none lets everybody in on this machine, with a warning, and changes take the CSRF check there, too', async () => {
  await using running = await startConsole('[watcher:web]\ncmd = sleep 1000\n', 'httpd_auth = none\n')
  const visitor = running.visitor()
  assert.match(running.link, /^http:\/\/localhost:\d+\/$/)
  await running.log.record(/warning.*httpd_auth = none/)
  assert.equal((await visitor.ask('api/list')).status, 200)
  assert.equal((await visitor.post('api/incr', { name: 'web' })).status, 401)
  const { json } = await visitor.ask('api/session')
  assert.deepEqual([json.name, json.role], ['anybody', 'admin'])
  assert.equal((await visitor.post('api/incr', { name: 'web' })).json.error.code, 'ERR_CSRF')
  visitor.csrf = json.csrf
  assert.equal((await visitor.post('api/incr', { name: 'web', waiting: true })).json.numprocesses, 2)
})

test('httpd_auth = none is refused at an address that others can reach', async () => {
  const circus = 'httpd = True\nhttpd_auth = none\nhttpd_host = 0.0.0.0\nhttpd_port = 0'
  await using running = await startArbiter(`[circus]\n${circus}\n[watcher:web]\ncmd = sleep 1000\n`)
  await running.log.record(
    /error.*\[plugin:httpd\] is left out: httpd_auth = none is for localhost and unix sockets only/,
  )
  assert.equal(running.arbiter.plugins.isRunning('httpd'), false)
  assert.equal(running.arbiter.watcher('web').pids.length, 1)
})

test('an address that others can reach takes a login, and the log says that nothing is encrypted there', async () => {
  await using running = await startConsole('', 'httpd_host = 0.0.0.0\n')
  await running.log.record(/warning.*can be reached from elsewhere.*not encrypted/)
  assert.equal((await running.visitor().ask('api/list')).status, 401)
})
