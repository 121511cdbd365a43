import assert from 'node:assert/strict'
import { chmodSync, readFileSync, statSync } from 'node:fs'
import test, { after, before, describe } from 'node:test'
import { loadUsers } from '../../../core/plugin.ts'
import { Slowdown } from '../../../plugins/httpd/slowdown.ts'
import { startArbiter, temporaryFolder } from '../../harness/index.ts'
import { type RunningConsole, startConsole } from './console.ts'

const { addUser, checkPassword, readUsers, removeUser } = await loadUsers()
const password = 'correct horse'

describe('a console with users', () => {
  let running: RunningConsole
  let file: string
  const users = temporaryFolder()
  before(async () => {
    file = users.path('users')
    for (const role of ['view', 'operate', 'admin'] as const) await addUser(file, { name: role, role, password })
    running = await startConsole('[watcher:web]\ncmd = sleep 1000\n', `httpd_users = ${file}`)
  })
  after(async () => {
    await running[Symbol.asyncDispose]()
    users[Symbol.dispose]()
  })
  const logIn = async (user: string) => {
    const visitor = running.visitor()
    const { status } = await visitor.logIn({ user, password })
    return { visitor, status }
  }

  test('there is no token: one logs in by name and password, and is told one role', async () => {
    assert.match(running.link, /:\d+\/$/)
    assert.equal((await running.visitor().ask('api/session')).json.error.auth, 'users')
    const { visitor } = await logIn('operate')
    const { json } = await visitor.ask('api/session')
    assert.deepEqual(json, { name: 'operate', role: 'operate', auth: 'users', csrf: visitor.csrf })
    assert.equal((await running.visitor().logIn({ token: '' })).status, 401)
  })

  test('each role may do what commands say, and no more', async () => {
    const asked = async (user: string, path: string, body?: object) => {
      const { visitor } = await logIn(user)
      const { status, json } = await (body ? visitor.post(path, body) : visitor.ask(path))
      return status === 200 ? 200 : json.error.code
    }
    const incr = { name: 'web', waiting: true }
    const set = { name: 'web', options: { numprocesses: 1 }, waiting: true }
    assert.equal(await asked('view', 'api/describe'), 200)
    assert.equal(await asked('view', 'api/incr', incr), 'ERR_ROLE_TOO_LOW')
    assert.equal(await asked('view', 'api/quit', {}), 'ERR_ROLE_TOO_LOW')
    assert.equal(await asked('operate', 'api/incr', incr), 200)
    assert.equal(await asked('operate', 'api/set', set), 'ERR_ROLE_TOO_LOW')
    assert.equal(await asked('admin', 'api/set', set), 200)
    await running.log.record(/set .* asked by plugin httpd for admin/)
    for (const internal of ['report', 'announce', 'listen', 'serve'])
      assert.equal(await asked('admin', `api/${internal}`, {}), 'ERR_COMMAND_UNKNOWN')
  })

  test('the daemon refuses as well what somebody may not do', async () => {
    const as = { name: 'somebody', role: 'view' } as const
    await assert.rejects(running.client.call('stop', { name: 'web' }, { as }), { code: 'ERR_ROLE_TOO_LOW' })
    await assert.rejects(running.client.call('list', {}, { as: { name: 1, role: 'view' } as never }), {
      code: 'ERR_PROPERTY_INVALID',
    })
    assert.equal(running.arbiter.watcher('web').status, 'active')
  })

  test('who is taken out of the file is logged out, their open page as well; who gets another role logs in anew', async () => {
    await addUser(file, { name: 'leaving', role: 'view', password })
    const [leaving, changing] = [await logIn('leaving'), await logIn('view')]
    using page = await leaving.visitor.follow('api/live')
    await page.until('state')

    removeUser(file, 'leaving')
    await addUser(file, { name: 'view', role: 'operate', password, replace: true })

    assert.equal((await leaving.visitor.ask('api/list')).status, 401)
    assert.equal((await changing.visitor.ask('api/list')).status, 401)
    await page.until('end')
    await page.ended
    assert.equal((await logIn('leaving')).status, 401)
    assert.equal((await (await logIn('view')).visitor.ask('api/session')).json.role, 'operate')
  })

  test('a file that others could read lets nobody in until that is mended', async () => {
    const { visitor } = await logIn('admin')
    chmodSync(file, 0o644)
    assert.equal((await visitor.ask('api/list')).status, 401)
    await running.log.record(/nobody is let in/)
    chmodSync(file, 0o600)
    assert.equal((await logIn('admin')).status, 200)
  })
})

test('a console whose users cannot be read does not start, and the daemon goes on', async () => {
  await using running = await startArbiter(
    '[circus]\nhttpd = True\nhttpd_users = nowhere\n[watcher:web]\ncmd = sleep 1000\n',
  )
  await running.log.record(/error.*\[plugin:httpd\] is left out: .*nowhere/)
  assert.equal(running.arbiter.watcher('web').pids.length, 1)
})

test('passwords are kept as salted scrypt hashes, in a file for its owner alone', async () => {
  using folder = temporaryFolder()
  const file = folder.path('below/users')
  await addUser(file, { name: 'a', role: 'view', password })
  await addUser(file, { name: 'b', role: 'admin', password })
  const users = readUsers(file)
  assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.doesNotMatch(readFileSync(file, 'utf8'), /correct/)
  assert.notEqual(users.get('a')?.hash, users.get('b')?.hash)
  assert.equal(await checkPassword(users.get('a'), password), true)
  assert.equal(await checkPassword(users.get('a'), `${password} `), false)
  assert.equal(await checkPassword(undefined, password), false)
  await assert.rejects(addUser(file, { name: 'a', role: 'view', password }), { code: 'ERR_KEY_EXISTS' })
  await assert.rejects(addUser(file, { name: 'a b', role: 'view', password }), { code: 'ERR_KEY_FILE_INVALID' })
  assert.equal(removeUser(file, 'nobody'), false)
})

test('a hash that would take all memory, or is none, is refused with its line and not with its text', () => {
  using folder = temporaryFolder()
  const [salt, key] = ['A'.repeat(22), 'A'.repeat(43)]
  for (const row of [
    `a view scrypt$9999999$8$1$${salt}$${key}`,
    'a view hunter2',
    `a boss scrypt$2$8$1$${salt}$${key}`,
  ]) {
    folder.write('users', `# users\n${row}\n`)
    chmodSync(folder.path('users'), 0o600)
    const refused = (error: Error) => /users:2/.test(error.message) && !/hunter2/.test(error.message)
    assert.throws(() => readUsers(folder.path('users')), refused)
  }
})

test('after three failures one waits a second, then twice as long each time, a minute at most; others do not', () => {
  let now = 0
  const slowdown = new Slowdown(() => now)
  const fail = () => slowdown.failed('a')
  fail()
  fail()
  assert.equal(slowdown.waitSeconds('a'), 0)
  fail()
  assert.equal(slowdown.waitSeconds('a'), 1)
  now += 1_000
  assert.equal(slowdown.waitSeconds('a'), 0)
  fail()
  assert.equal(slowdown.waitSeconds('a'), 2)
  for (let count = 0; count < 20; count++) fail()
  assert.equal(slowdown.waitSeconds('a'), 60)
  assert.equal(slowdown.waitSeconds('b'), 0)
  now += 16 * 60_000
  assert.equal(slowdown.failed('b'), 1)
  assert.equal(slowdown.waitSeconds('a'), 0)
})
