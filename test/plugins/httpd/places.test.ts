import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import test from 'node:test'
import { startArbiter } from '../../harness/index.ts'
import { startConsole, ways } from './console.ts'
import { Visitor } from './visitor.ts'

test('a unix socket is for its owner alone', async () => {
  await using running = await startConsole('', 'httpd_host = ./console.sock\n')
  const path = running.folder.path('console.sock')
  assert.match(running.link, /^http:\/\/localhost\/#token=/)
  assert.equal(statSync(path).mode & 0o777, 0o600)
  const visitor = new Visitor(running.link, path)
  const { status, headers } = await visitor.logIn()
  assert.equal(status, 200)
  assert.match(String(headers['set-cookie']), /^circus-console=/)
  using page = await visitor.follow('api/live')
  await page.until('state')
})

test('at a unix socket httpd_auth = none is allowed', async () => {
  await using running = await startConsole('', 'httpd_host = ./console.sock\nhttpd_auth = none\n')
  const visitor = new Visitor(running.link, running.folder.path('console.sock'))
  assert.equal((await visitor.ask('api/list')).status, 200)
})

for (const way of ways) {
  test(`a managed socket, ${way}: whoever connects while the console is changed is answered by the next one`, async () => {
    const socket = '[socket:door]\nhost = 127.0.0.1\nport = 0\n'
    await using running = await startConsole(socket, 'httpd_socket = door\n', { way })
    const { address } = running.arbiter.sockets.all[0]!
    const port = 'port' in address ? address.port : 0
    assert.equal(new URL(running.link).port, String(port))
    const admin = await running.admin()
    assert.equal((await admin.ask('api/list')).status, 200)
    const before = running.link

    await admin.post('api/set', { name: 'nothing', options: {} })
    await running.arbiter.plugins.load(running.arbiter.config.plugins.find(({ name }) => name === 'httpd')!)
    // Nobody is refused meanwhile: the daemon has the socket.
    const answer = await new Visitor(before).ask('api/session')

    assert.equal(answer.json.error.code, 'ERR_LOGIN_WANTED')
    await running.log.record(/the web console is at/, { count: 2 })
    assert.notEqual(running.link, before)
    assert.equal((await (await running.admin()).ask('api/list')).status, 200)
  })
}

test('below a prefix there is the page, the interface and the cookie, and nothing elsewhere', async () => {
  await using running = await startConsole('', 'httpd_url_prefix = ops/circus/\n')
  assert.match(running.link, /^http:\/\/localhost:\d+\/ops\/circus\/#token=/)
  const admin = await running.admin()
  const { headers } = await admin.logIn()
  assert.match(String(headers['set-cookie']), /; Path=\/ops\/circus\/;/)
  assert.deepEqual((await admin.ask('api/list')).json.watchers, [])
  assert.equal((await admin.ask('/api/list')).status, 404)
  const { status, headers: moved } = await admin.ask('/ops/circus')
  assert.deepEqual([status, moved.location], [302, '/ops/circus/'])
})

test('what cannot be is told in the log, and the daemon goes on', async () => {
  const wrong = {
    'httpd_socket = nowhere': /nowhere/,
    'httpd_url_prefix = /a b': /httpd_url_prefix is a path/,
    'httpd_auth = users': /httpd_auth = users needs httpd_users/,
    'httpd_host = 192.0.2.1': /EADDRNOTAVAIL|192\.0\.2\.1/,
  }
  for (const [line, told] of Object.entries(wrong)) {
    await using running = await startArbiter(`[circus]\nhttpd = True\nhttpd_port = 0\n${line}\n`)
    const record = await running.log.record(/\[plugin:httpd\] is left out/)
    assert.match(record, told)
  }
})

test('reloadconfig starts, moves and ends the console', async () => {
  await using running = await startConsole()
  const before = running.link
  const change = async (circus: string) => {
    const endpoints = ['endpoint', 'pubsub_endpoint'].map(
      (name) => `${name} = ${running.arbiter.config.circus[name as 'endpoint']}`,
    )
    running.folder.write('circus.ini', ['[circus]', ...endpoints, circus].join('\n'))
    await running.client.call('reloadconfig', { waiting: true })
  }

  await change('httpd = True\nhttpd_port = 0\nhttpd_url_prefix = /new')

  assert.match(running.link, /\/new\/#token=/)
  assert.equal((await (await running.admin()).ask('api/list')).status, 200)
  await assert.rejects(new Visitor(before).ask('api/session'))
  const moved = running.visitor()
  await change('')
  await assert.rejects(moved.ask('api/session'))
})
