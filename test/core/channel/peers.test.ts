import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { chmodSync, existsSync, lstatSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Controller } from '../../../core/channel/controller.ts'
import { type RunningArbiter, startArbiter, temporaryFolder } from '../../harness/index.ts'
import { NOBODY, testAsRoot } from '../posix/running.ts'
import { memoryLog } from './place.ts'

const program = fileURLToPath(new URL('./fixtures/ask-as.ts', import.meta.url))

/** What comes of it when that user asks, or (`events`) listens. */
async function askAs(
  user: { uid: number; gid?: number; groups?: string },
  what: string,
  endpoint: string,
  command = '',
) {
  const { uid, gid = uid, groups = '' } = user
  const args = [program, String(uid), String(gid), groups, what, endpoint, ...(command ? [command] : [])]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return stdout.trim()
}

const nobody = { uid: NOBODY }
const watcher = '[watcher:web]\ncmd = sleep 60\n'
const fileOf = (endpoint: string) => endpoint.slice('ipc://'.length)
const modeOf = (endpoint: string) => (lstatSync(fileOf(endpoint)).mode & 0o777).toString(8)

async function started(circus: string): Promise<RunningArbiter> {
  const running = await startArbiter(`[circus]\n${circus}\n${watcher}`)
  chmodSync(running.folder.root, 0o755)
  return running
}

/** Still there, and nobody has stopped anything. */
async function assertUnharmed({ client, arbiter }: RunningArbiter): Promise<void> {
  assert.equal(arbiter.stopping, false)
  assert.deepEqual((await client.call<{ statuses: object }>('status')).statuses, { web: 'active' })
}

test("the socket files are the daemon's user's alone, whatever the umask", async () => {
  const umask = process.umask(0)
  try {
    await using running = await started('')
    assert.equal(process.umask(), 0)
    const { control, events } = running.arbiter.endpoints
    assert.deepEqual([modeOf(control), modeOf(events)], ['600', '600'])
  } finally {
    process.umask(umask)
  }
})

test('endpoint_mode is the mode of the socket files, whatever the umask', async () => {
  const umask = process.umask(0o077)
  try {
    await using running = await started('endpoint_mode = 0660')
    assert.equal(process.umask(), 0o077)
    const { control, events } = running.arbiter.endpoints
    assert.deepEqual([modeOf(control), modeOf(events)], ['660', '660'])
  } finally {
    process.umask(umask)
  }
})

testAsRoot("an ordinary user is kept out of root's ipc:// by the file's mode", async () => {
  await using running = await started('')
  const { control, events } = running.arbiter.endpoints
  assert.equal(await askAs(nobody, 'control', control, 'quit'), 'ERR_UNREACHABLE')
  assert.equal(await askAs(nobody, 'events', events), 'ERR_UNREACHABLE')
  await assertUnharmed(running)
})

testAsRoot('an ordinary user is kept out of an abstract socket, which has no mode, and that is logged', async () => {
  const names = [`@circusd-${randomUUID()}`, `@circusd-${randomUUID()}`]
  await using running = await started(`endpoint = ipc://${names[0]}\npubsub_endpoint = ipc://${names[1]}`)
  const { control, events } = running.arbiter.endpoints
  assert.equal(await askAs(nobody, 'control', control, 'quit'), 'ERR_KEY_REFUSED')
  assert.equal(await askAs(nobody, 'events', events), 'ERR_KEY_REFUSED')
  assert.match(running.log.matching(/^warning control channel: refused uid 65534 \(pid \d+\)/)[0]!, /control/)
  assert.match(running.log.matching(/^warning events channel: refused uid 65534 \(pid \d+\)/)[0]!, /events/)
  assert.equal(await askAs({ uid: 0 }, 'control', control), 'answered')
  await assertUnharmed(running)
})

testAsRoot('a socket file that somebody opened to all lets no more users in than the configuration', async () => {
  await using running = await started('')
  const { control, events } = running.arbiter.endpoints
  for (const endpoint of [control, events]) chmodSync(fileOf(endpoint), 0o666)
  assert.equal(await askAs(nobody, 'control', control, 'quit'), 'ERR_KEY_REFUSED')
  assert.equal(await askAs(nobody, 'events', events), 'ERR_KEY_REFUSED')
  assert.match(running.log.matching(/refused/)[0]!, /uid 65534/)
  await assertUnharmed(running)
})

testAsRoot('endpoint_mode lets the group in, as a first group and as a further one, or everybody', async () => {
  await using group = await started('endpoint_mode = 0660')
  const { control, events } = group.arbiter.endpoints
  const others: [user: { uid: number; gid: number; groups: string }, control: string, events: string][] = [
    [{ uid: NOBODY, gid: process.getegid!(), groups: '' }, 'answered', 'connected'],
    [{ uid: NOBODY, gid: NOBODY, groups: `${process.getegid!()}` }, 'answered', 'connected'],
    [{ uid: NOBODY, gid: NOBODY, groups: '' }, 'ERR_UNREACHABLE', 'ERR_UNREACHABLE'],
  ]
  for (const [user, answer, listening] of others) {
    assert.equal(await askAs(user, 'control', control), answer, JSON.stringify(user))
    assert.equal(await askAs(user, 'events', events), listening, JSON.stringify(user))
  }
  await using all = await started('endpoint_mode = 0666')
  assert.equal(await askAs(nobody, 'control', all.arbiter.endpoints.control), 'answered')
  assert.equal(await askAs(nobody, 'events', all.arbiter.endpoints.events), 'connected')
})

testAsRoot('endpoint_owner gets both socket files and may use both, and nobody else may', async () => {
  await using running = await started('endpoint_owner = nobody')
  const { control, events } = running.arbiter.endpoints
  for (const endpoint of [control, events]) {
    assert.equal(lstatSync(fileOf(endpoint)).uid, NOBODY)
    assert.equal(modeOf(endpoint), '600')
  }
  assert.equal(await askAs(nobody, 'control', control), 'answered')
  assert.equal(await askAs(nobody, 'events', events), 'connected')
  assert.equal(await askAs({ uid: 1 }, 'control', control, 'quit'), 'ERR_UNREACHABLE')
  await assertUnharmed(running)
})

testAsRoot('a daemon that cannot give its socket away says so, and leaves none behind', async () => {
  using folder = temporaryFolder()
  chmodSync(folder.root, 0o777)
  const endpoint = `ipc://${folder.path('control.sock')}`
  const access = { mode: 0o600, owner: 1, keys: null }
  const controller = new Controller({ endpoint, dispatch: () => ({}), log: memoryLog(), access })
  process.seteuid!(NOBODY)
  try {
    await assert.rejects(controller.bind(), { code: 'ERR_ENDPOINT_INVALID', message: /uid 1 \(endpoint_owner\)/ })
  } finally {
    process.seteuid!(0)
  }
  assert.equal(existsSync(folder.path('control.sock')), false)
})

testAsRoot('endpoint_owner may use an abstract socket, and nobody else may', async () => {
  const endpoints = `endpoint = ipc://@circusd-${randomUUID()}\npubsub_endpoint = ipc://@circusd-${randomUUID()}`
  await using running = await started(`${endpoints}\nendpoint_owner = nobody`)
  const { control, events } = running.arbiter.endpoints
  assert.equal(await askAs(nobody, 'control', control), 'answered')
  assert.equal(await askAs(nobody, 'events', events), 'connected')
  assert.equal(await askAs({ uid: 1 }, 'control', control, 'quit'), 'ERR_KEY_REFUSED')
  await assertUnharmed(running)
})

test('at its start the daemon says once who can control it, and with each change who asked for it', async () => {
  const uids = [...new Set([process.geteuid!(), 0])].join(', ')
  await using local = await started('')
  assert.equal(local.log.matching(/can control this daemon/).length, 1)
  assert.match(
    local.log.matching(/can control this daemon/)[0]!,
    new RegExp(`^info uids? ${uids} can control .*SECURITY`),
  )
  await local.client.call('incr', { name: 'web', waiting: true })
  assert.match(local.log.matching(/^info incr/)[0]!, new RegExp(`asked by channel ipc, uids? ${uids}$`))

  await using open = await started('endpoint = tcp://127.0.0.1:*\npubsub_endpoint = tcp://127.0.0.1:*')
  assert.match(
    open.log.matching(/can control/)[0]!,
    /^info every user of this machine can control .*tcp:\/\/127\.0\.0\.1:\d/,
  )
  await open.client.call('incr', { name: 'web', waiting: true })
  assert.match(open.log.matching(/^info incr/)[0]!, /asked by channel tcp 127\.0\.0\.1$/)
})
