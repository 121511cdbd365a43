import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Arbiter, loadConfig } from '../../core/index.ts'
import { EventRecorder, isAlive, LogRecorder, temporaryFolder } from '../harness/index.ts'

const example = (name: string) => fileURLToPath(new URL(`../../hooks-examples/${name}`, import.meta.url))

/** The ini of an example, run in this process and from its folder, with channels that meet nobody's. */
async function runExample(name: string) {
  await using stack = new AsyncDisposableStack()
  const sockets = stack.use(temporaryFolder())
  const before = process.cwd()
  process.chdir(example(name))
  process.env['PWD'] = process.cwd()
  stack.defer(() => process.chdir(before))
  const config = await loadConfig('circus.ini')
  const circus = {
    ...config.circus,
    endpoint: `ipc://${sockets.path('control')}`,
    pubsub_endpoint: `ipc://${sockets.path('events')}`,
  }
  const log = new LogRecorder()
  const arbiter = stack.use(new Arbiter({ ...config, circus }, { log: log.log }))
  const events = new EventRecorder(arbiter)
  await arbiter.start()
  const kept = stack.move()
  return { arbiter, log, events, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

test('typescript: the worker starts once the database answers, and nothing stays behind', async () => {
  {
    await using running = await runExample('typescript')
    const { log, events } = running
    await events.event('worker.start')
    await log.record(/^info .*database: after_start: the database answers$/)
    const answered = events.all.findIndex(({ watcher, event }) => watcher === 'database' && event === 'hook_success')
    const started = events.all.findIndex(({ watcher, event }) => watcher === 'worker' && event === 'spawn')
    assert.ok(answered >= 0 && answered < started)
    const from = log.all.length
    process.kill(running.arbiter.watcher('worker').pids[0]!, 'SIGKILL')
    await log.record(/worker: after_reap: process \d+ ended with -9$/, { from })
  }
  assert.equal(existsSync(join(tmpdir(), `circusd-example-${process.pid}.sock`)), false)
})

test('shell: a script says which watcher may start, another tells what happens', async () => {
  await using running = await runExample('shell')
  const { arbiter, log } = running

  assert.equal(arbiter.watcher('web').status, 'active')
  assert.match(arbiter.watcher('full').reason ?? '', /before_start/)
  await log.record(/full: before_start: full needs 999999999999 KB, \d+ KB are free/)
  const [pid] = arbiter.watcher('web').pids
  await log.record(new RegExp(`after_spawn of web: pid ${pid}, signal none, exit none`))
  await arbiter.watcher('web').stop()
  await log.record(new RegExp(`before_signal of web: pid ${pid}, signal SIGTERM, exit none`))
  await log.record(new RegExp(`after_reap of web: pid ${pid}, signal none, exit -15`))
})

test('library: a program keeps its workers, and ends with them', async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [example('library/main.ts')], {
    timeout: 20_000,
  })

  assert.equal(stderr, '')
  assert.match(stdout, /^4 workers run$/m)
  assert.match(stdout, /^2 workers run$/m)
  assert.match(stdout, /all stopped\n$/)
  const pids = [...stdout.matchAll(/workers\.spawn (\d+)/g)].map(([, pid]) => Number(pid))
  assert.equal(pids.length, 4)
  assert.equal(pids.some(isAlive), false)
})
