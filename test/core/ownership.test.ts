import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { test } from 'node:test'
import { startArbiter } from '../harness/index.ts'

const daemon =
  '[circus]\nendpoint_owner = daemon\n[watcher:theirs]\ncmd = sleep 60\nuid = nobody\n[watcher:own]\ncmd = sleep 60\nuid = daemon\n'

// Only root can give a file away or run something as another user.
const root = process.geteuid!() === 0

test('endpoint_owner: the socket file belongs to that user', async () => {
  if (!root) return
  await using running = await startArbiter(daemon)
  const file = statSync(running.arbiter.endpoints.control.replace('ipc://', ''))
  assert.equal(file.uid, running.arbiter.ownership.uid)
})

test('endpoint_owner: nothing can be made to run as another user', async () => {
  if (!root) return
  await using running = await startArbiter(daemon)
  const { client } = running
  const refused: [string, Record<string, unknown>][] = [
    ['add', { name: 'a', cmd: 'sleep 1' }],
    ['add', { name: 'a', cmd: 'sleep 1', options: { uid: 0 } }],
    ['add', { name: 'a', cmd: 'sleep 1', options: { uid: 'nobody' } }],
    ['add', { name: 'a', cmd: 'sleep 1', options: { uid: 'daemon', gid: 0 } }],
    ['add', { name: 'a', cmd: 'sleep 1', options: { uid: 'daemon', 'hooks.before_start': 'exec:id' } }],
    ['add', { name: 'a', cmd: 'sleep 1', options: { uid: 'daemon', 'stdout_stream.filename': '/etc/passwd' } }],
    ['add', { name: 'a', cmd: 'sleep 1', options: { uid: 'daemon', copy_env: true } }],
    ['set', { name: 'own', options: { copy_env: true } }],
    ['set', { name: 'own', options: { uid: 'root' } }],
    ['set', { name: 'own', options: { uid: null } }],
    ['set', { name: 'own', options: { gid: 'root' } }],
    ['set', { name: 'own', options: { 'hooks.after_stop': 'exec:id' } }],
    ['set', { name: 'theirs', options: { cmd: 'sleep 2' } }],
    ['set', { name: 'theirs', options: { uid: 'daemon' } }],
  ]
  for (const [command, properties] of refused) {
    await assert.rejects(
      client.call(command, properties),
      { errno: 5, code: 'ERR_FORBIDDEN' },
      JSON.stringify(properties),
    )
  }
  assert.deepEqual((await client.call<{ watchers: string[] }>('list')).watchers, ['own', 'theirs'])
  assert.equal(running.arbiter.watcher('theirs').options.cmd, 'sleep 60')
})

test('endpoint_owner: the owner adds and changes what runs as the owner', async () => {
  if (!root) return
  await using running = await startArbiter(daemon)
  const options = { uid: 'daemon' }
  await running.client.call('add', { name: 'mine', cmd: 'sleep 60', options, start: true, waiting: true })
  await running.client.call('set', { name: 'own', options: { cmd: 'sleep 61' }, waiting: true })
  assert.equal(running.arbiter.watcher('own').options.cmd, 'sleep 61')
})

test('endpoint_owner: a user this machine does not have is an error', async () => {
  await assert.rejects(startArbiter('[circus]\nendpoint_owner = no-such-user\n'), { code: 'ERR_OPTION_INVALID' })
})
