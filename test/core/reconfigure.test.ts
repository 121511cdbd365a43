import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isAlive, type RunningArbiter, startArbiter } from '../harness/index.ts'

/** Rewrite the ini of a running arbiter and have it read again. */
async function rewrite({ folder, arbiter, client }: RunningArbiter, text: string): Promise<Record<string, unknown>> {
  const { endpoint, pubsub_endpoint } = arbiter.config.circus
  folder.write('circus.ini', `${text}\n[circus]\nendpoint = ${endpoint}\npubsub_endpoint = ${pubsub_endpoint}\n`)
  return client.call('reloadconfig', { waiting: true })
}

const web = '[watcher:web]\ncmd = sleep 60\nnumprocesses = 2\n'
const db = '[watcher:db]\ncmd = sleep 60\n'

test('only what differs is touched: added, removed, resized, replaced', async () => {
  await using running = await startArbiter(
    `${web}${db}[watcher:gone]\ncmd = sleep 60\n[watcher:other]\ncmd = sleep 60\n`,
  )
  const pids = (name: string) => running.arbiter.watcher(name).pids
  const before = { web: pids('web'), db: pids('db'), gone: pids('gone'), other: pids('other') }
  await rewrite(
    running,
    `[watcher:web]\ncmd = sleep 60\nnumprocesses = 3\n${db}[watcher:new]\ncmd = sleep 60\n[watcher:other]\ncmd = sleep 61\n`,
  )
  assert.deepEqual(pids('web').slice(0, 2), before.web)
  assert.equal(pids('web').length, 3)
  assert.deepEqual(pids('db'), before.db)
  assert.deepEqual(before.gone.filter(isAlive), [])
  assert.equal(pids('new').length, 1)
  assert.notDeepEqual(pids('other'), before.other)
  assert.deepEqual(running.arbiter.watchers.map(({ name }) => name).sort(), ['db', 'new', 'other', 'web'])
  assert.deepEqual(running.events.of('db'), ['add', 'spawn', 'start'])
  assert.deepEqual(running.events.of('web').slice(-2), ['updated', 'spawn'])
})

test('a file that does not parse changes nothing and answers with all its errors', async () => {
  await using running = await startArbiter(web)
  const before = running.arbiter.watcher('web').pids
  await assert.rejects(
    rewrite(running, '[watcher:web]\nnumprocesses = many\nsend_hup = perhaps\nnonsense\n'),
    (error: { errno: number; code: string; reason: string }) => {
      assert.deepEqual([error.errno, error.code], [5, 'ERR_CONFIG_INVALID'])
      for (const place of [/circus\.ini:2: .*many/, /circus\.ini:3: .*perhaps/, /circus\.ini:4: .*nonsense/]) {
        assert.match(error.reason, place)
      }
      return true
    },
  )
  assert.deepEqual(running.arbiter.watcher('web').pids, before)
  assert.deepEqual(running.events.of('web'), ['add', 'spawn', 'spawn', 'start'])
})

test('what was set or added at run time stays when the file says nothing new of it', async () => {
  await using running = await startArbiter(`${web}${db}`)
  const { client, arbiter } = running
  await client.call('incr', { name: 'web', waiting: true })
  await client.call('add', { name: 'extra', cmd: 'sleep 60', start: true, waiting: true })
  await rewrite(running, `${web}[watcher:db]\ncmd = sleep 60\ngraceful_timeout = 3\n`)
  assert.equal(arbiter.watcher('web').pids.length, 3)
  assert.equal(arbiter.watcher('extra').status, 'active')
  assert.equal(arbiter.watcher('db').options.graceful_timeout, 3)
})

test('a new watcher that cannot start fails alone', async () => {
  await using running = await startArbiter(web)
  await rewrite(running, `${web}[watcher:broken]\ncmd = /no/such\nmax_retry = 1\n${db}`)
  assert.equal(running.arbiter.watcher('db').status, 'active')
  assert.match(running.arbiter.watcher('broken').reason ?? '', /no such file/)
})

test('plugins come, go and are loaded anew with what their sections say', async () => {
  const plugin = (what: string) => `[plugin:note]\nuse = ./note.ts\nwhat = ${what}\n`
  const source = `export default {
    name: 'note',
    options: { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } },
    setup(circus, { what }) {
      circus.log.info('here: ' + what)
      circus.on('stop', () => circus.log.info('heard: ' + what))
    },
  }`
  await using running = await startArbiter(`${web}${plugin('one')}`, { files: { 'note.ts': source } })
  const said = () => running.log.matching(/(here|heard): /).map((record) => record.replace(/^.*note: /, ''))
  await rewrite(running, `${web}${plugin('one')}`)
  assert.deepEqual(said(), ['here: one'])
  await rewrite(running, `${web}${plugin('two')}`)
  await running.client.call('restart', { name: 'web', waiting: true })
  assert.deepEqual(said(), ['here: one', 'here: two', 'heard: two'])
  await rewrite(running, web)
  await running.client.call('restart', { name: 'web', waiting: true })
  assert.deepEqual(said().length, 3)
})

test('an endpoint that has changed needs a restart, and the log says so', async () => {
  await using running = await startArbiter(web)
  running.folder.write('circus.ini', `${web}[circus]\nendpoint = ipc://${running.folder.path('elsewhere')}\n`)
  await running.client.call('reloadconfig', { waiting: true })
  assert.equal(running.log.matching(/^warning \[circus\] endpoint has changed/).length, 1)
})
