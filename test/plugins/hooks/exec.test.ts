import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { type RunningArbiter, startArbiter, untilDead } from '../../harness/index.ts'

function start(hook: string, target: string, { script = '', plugin = '' } = {}): Promise<RunningArbiter> {
  const ini = `[watcher:web]\ncmd = sleep 60\nhooks.${hook} = ${target}\n${plugin}`
  return startArbiter(ini, { files: { 'hook.sh': script } })
}

test('exit status 0 is true, any other is false and no failure', async () => {
  for (const [status, outcome] of [
    [0, 'active'],
    [3, 'stopped'],
  ] as const) {
    await using running = await start('before_start', `exec:sh -c "exit ${status}"`)
    await running.events.event('web.hook_success')
    assert.equal(running.arbiter.watcher('web').status, outcome)
  }
})

test('the environment tells what it is about, and the working folder is that of the ini', async () => {
  const script = `echo "$CIRCUS_HOOK $CIRCUS_WATCHER pid=$CIRCUS_PID signum=$CIRCUS_SIGNUM $CIRCUS_SIGNAL exit=$CIRCUS_EXIT_CODE" >> seen\n`
  const hooks = ['before_start', 'after_spawn', 'before_signal', 'after_reap']
  const lines = hooks.map((hook) => `hooks.${hook} = exec:sh ./hook.sh`).join('\n')
  await using running = await startArbiter(`[watcher:Web One]\ncmd = sleep 60\n${lines}\n`, {
    files: { 'hook.sh': script },
  })
  const [pid] = running.arbiter.watcher('Web One').pids

  await running.arbiter.watcher('Web One').stop()
  await running.events.until(({ payload }) => payload['name'] === 'after_reap')

  assert.deepEqual(readFileSync(running.folder.path('seen'), 'utf8').trim().split('\n'), [
    'before_start Web One pid= signum=  exit=',
    `after_spawn Web One pid=${pid} signum=  exit=`,
    `before_signal Web One pid=${pid} signum=15 SIGTERM exit=`,
    `after_reap Web One pid=${pid} signum=  exit=-15`,
  ])
})

test('what it writes goes to the log, and no more than fits', async () => {
  await using running = await start('before_start', 'exec:sh hook.sh', {
    script: "echo one; echo two >&2; printf three; seq 1 100000 | tr '\\n' ' ' | fold -w 4000 >&2\n",
  })
  await running.log.record(/^info .*web: before_start: one$/)
  await running.log.record(/^warning .*web: before_start: two$/)
  await running.log.record(/^info .*web: before_start: three$/)
  await running.log.record(/the rest is dropped/)
  assert.ok(running.log.all.join('').length < 200_000)
})

test('when its time is over, its process group is killed', async () => {
  await using running = await start('before_start', 'exec:sh hook.sh', {
    script: 'sleep 61 & echo $$ $! > pids.new; mv pids.new pids; wait\n',
    plugin: '[plugin:hooks]\ntimeout = 0.3\n',
  })

  const { payload } = await running.events.event('web.hook_failure')

  assert.equal(payload['error'], 'no end after 0.3 s')
  const pids = readFileSync(running.folder.path('pids'), 'utf8').trim().split(' ').map(Number)
  assert.equal(pids.length, 2)
  await untilDead(...pids)
})

test('one that is killed by a signal has failed', async () => {
  await using running = await start('before_start', 'exec:sh -c "kill -SEGV $$"')
  const { payload } = await running.events.event('web.hook_failure')
  assert.match(String(payload['error']), /SIGSEGV/)
})

test('something it leaves running does not keep the start waiting', async () => {
  await using running = await start('before_start', 'exec:sh hook.sh', { script: 'sleep 62 & echo $! > left\n' })
  await running.events.event('web.start')
  process.kill(Number(readFileSync(running.folder.path('left'), 'utf8')), 'SIGKILL')
})

test('as extended_stats, the JSON that it writes is added to the stats', async () => {
  await using running = await start('extended_stats', `exec:sh -c 'echo "{\\"queue\\": 3, \\"had\\": $CIRCUS_STATS}"'`)
  const { info } = await running.client.call<{ info: Record<string, object> }>('stats', { name: 'web', extended: true })
  const [{ queue, had, ...stats }] = Object.values(info) as [Record<string, unknown>]
  assert.deepEqual([queue, had], [3, stats])
})

test('unloading the plugin waits for a command under way, though no longer than its time', async () => {
  await using running = await start('after_stop', 'exec:sleep 63', { plugin: '[plugin:hooks]\ntimeout = 0.3\n' })
  const stopping = running.arbiter.watcher('web').stop()
  await running.events.event('web.stop')

  await running.arbiter.plugins.unload('hooks')

  assert.equal(running.events.all.filter(({ event }) => event === 'hook_failure').length, 1)
  await stopping
})
