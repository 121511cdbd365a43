import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ReplyError } from '../../../core/client.ts'
import { startArbiter } from '../../harness/index.ts'
import { Watched } from './watched.ts'

const dying = (script: string) => `sh -c '${script}; exit 3'`

test('the log has the last lines of a process that failed within its first second, and describe has them', async () => {
  await using watched = await Watched.started({
    cmd: dying('echo begin; echo PASSWORD=hunter2 >&2; printf no-end'),
    respawn: false,
  })
  await watched.events.until(({ event }) => event === 'stop')

  const [record] = watched.log.matching(/exited with status 3/)
  assert.match(record!, /after \d\.\d s; its last lines:\n\| begin\n\| PASSWORD=\*+\n\| no-end$/)
  assert.deepEqual(watched.watcher.history.exits[0]?.lines, ['begin', 'PASSWORD=********', 'no-end'])
})

test('neither one that did well has its lines there, nor one that was told to stop', async () => {
  await using watched = await Watched.started({ cmd: `sh -c 'echo done'`, respawn: false })
  await watched.events.until(({ event }) => event === 'stop')
  assert.match(watched.log.matching(/exited with status 0/)[0]!, / s$/)

  await using stopped = await Watched.started({ cmd: `sh -c 'echo running; exec sleep 60'` })
  await stopped.watcher.stop()
  assert.deepEqual(stopped.watcher.history.exits[0]?.lines, [])
})

test('last words are few and short', async () => {
  await using watched = await Watched.started({
    cmd: dying('seq 1 100; printf %01000d 7; echo; echo end'),
    respawn: false,
  })
  await watched.events.until(({ event }) => event === 'stop')

  const lines = watched.watcher.history.exits[0]!.lines
  assert.deepEqual([lines.length, lines[0], lines.at(-1)], [10, '93', 'end'])
  assert.equal(lines.at(-2), `${'0'.repeat(500)}…`)
})

test('a reload that fails tells what the new process wrote: the event, the log and the answer', async () => {
  await using running = await startArbiter(`
[socket:web]
host = 127.0.0.1
port = 0
[watcher:web]
cmd = sleep 60
use_sockets = true
`)
  const { arbiter, client, events, log } = running
  arbiter.hooks.beforeSpawn.tap('broken release', (spec) => {
    spec.argv = ['sh', '-c', 'echo starting; echo TOKEN=abc cannot bind >&2; exit 1']
    return undefined
  })
  const lines = ['starting', 'TOKEN=******** cannot bind']
  await assert.rejects(client.call('reload', { name: 'web', waiting: true }), (error: ReplyError) => {
    assert.deepEqual([error.code, error.reply.lines], ['ERR_RELOAD_FAILED', lines])
    return true
  })

  assert.deepEqual((await events.event('web.reload_failed')).payload['lines'], lines)
  assert.equal(log.matching(/its last lines:\n\| starting\n\| TOKEN=\*+ cannot bind/).length, 1)
})

test('a start that fails tells what the process wrote', async () => {
  await using running = await startArbiter(`
[watcher:web]
cmd = ${dying('echo no database')}
autostart = false
respawn_delay = 100
`)
  const { arbiter, client, events } = running
  arbiter.hooks.afterStart.tapPromise('asks whether it answers', async () => {
    await events.event('web.reap')
    return false
  })
  await assert.rejects(client.call('start', { name: 'web', waiting: true }), (error: ReplyError) => {
    assert.deepEqual([error.code, error.reply.lines], ['ERR_VETOED', ['no database']])
    return true
  })
  const { payload } = await events.event('web.stop')
  assert.deepEqual([payload['reason'], payload['lines']], [arbiter.watcher('web').reason, ['no database']])
})

test('a watcher that is given up, or stopped by a program, says why in its stop, and what was written last', async () => {
  await using running = await startArbiter(`
[watcher:web]
cmd = ${dying('echo oh no')}
max_retry = 1
respawn_delay = 0.01
`)
  const { arbiter, client, events } = running
  let spawns = 0
  arbiter.hooks.beforeSpawn.tap('gone', (spec) => {
    if (spawns++ > 0) spec.argv = ['/no/such/program']
    return undefined
  })
  const { payload } = await events.event('web.stop')
  assert.match(String(payload['reason']), /\/no\/such\/program/)
  assert.deepEqual(payload['lines'], ['oh no'])

  spawns = -100
  await client.call('start', { name: 'web', waiting: true })
  await events.event('web.reap', { count: 2 })
  await client.call('stop', { name: 'web', reason: 'flapping', waiting: true })
  const last = await events.event('web.stop', { count: 2 })
  assert.deepEqual([last.payload['reason'], last.payload['lines']], ['flapping', ['oh no']])

  await client.call('start', { name: 'web', waiting: true })
  await client.call('stop', { name: 'web', waiting: true })
  assert.deepEqual(Object.keys((await events.event('web.stop', { count: 3 })).payload), ['time'])
})
