import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type RunningArbiter, startArbiter } from '../harness/index.ts'

/** Dies at once. */
const dies = `sh -c 'exit 1'`
/** Lives once there is a file \`well\`. */
const sick = `sh -c 'test -e FOLDER/well && exec sleep 60; exit 1'`

// The same plugin by the same tests, in the daemon and in a process of its own.
for (const isolate of [false, true]) {
  // They mostly wait.
  describe(isolate ? 'isolated' : 'in the daemon', { concurrency: 2 }, () => {
    /** Resolves when the plugin is at work: when it has given up a watcher that flaps. */
    async function startFlapping(ini: string): Promise<RunningArbiter> {
      await using stack = new AsyncDisposableStack()
      const text = `${ini}
      [watcher:canary]
      cmd = ${dies}
      respawn_delay_max = 0.1
      flapping.attempts = 2
      flapping.window = 1
      flapping.max_retry = 0
      [plugin:flapping]
      isolate = ${isolate}`
      const running = stack.use(await startArbiter(text.replaceAll(/^ +/gm, '')))
      await running.events.event('canary.stop')
      stack.move()
      return running
    }

    const statusOf = ({ client }: RunningArbiter, name: string) =>
      client.call<{ status: string; reason?: string }>('status', { name })

    /** Another watcher that flaps: its retry is later than those of 0.2 s that came before. */
    async function untilLaterRetry({ client, events }: RunningArbiter): Promise<void> {
      const options = { 'flapping.retry_in': 0.5, 'flapping.max_retry': 1 }
      await client.call('add', { name: 'later', cmd: dies, options, start: true })
      await events.event('later.start', { count: 2 })
    }

    test('a watcher that flaps is stopped, started again, and given up in the end', async () => {
      await using running = await startFlapping(`
      [watcher:web]
      cmd = ${dies}
      flapping.retry_in = 0.1
      flapping.max_retry = 2`)

      await running.events.event('web.stop', { count: 3 })
      await untilLaterRetry(running)

      const calls = running.events.of('web').filter((event) => event === 'start' || event === 'stop')
      assert.deepEqual(calls, ['start', 'stop', 'start', 'stop', 'start', 'stop'])
      const { status, reason } = await statusOf(running, 'web')
      assert.equal(status, 'stopped')
      assert.match(reason ?? '', /^flapping: 2 deaths within 1 s, given up after 2 retries$/)
    })

    test('the log and the event have what was written last', async () => {
      await using running = await startFlapping(`
      [watcher:web]
      cmd = sh -c 'echo no database >&2; exit 1'`)

      assert.deepEqual((await running.events.event('web.stop')).payload['lines'], ['no database'])
      const about = { name: 'plugin:flapping', lines: 100 }
      for (let text = ''; !/web flaps.*; the last lines of its processes:\n\s*\| no database\n/.test(text); ) {
        const lines = isolate ? (await running.client.call<{ lines: { line: string }[] }>('tail', about)).lines : []
        text = `${(isolate ? lines.map(({ line }) => line) : running.log.all).join('\n')}\n`
        await new Promise((resolve) => setImmediate(resolve))
      }
    })

    test('the defaults notice what dies at once, and say so in the status', async () => {
      await using running = await startFlapping(`
      [watcher:Web App]
      cmd = ${dies}`)

      await running.events.event('web_app.stop')

      const { reason } = await statusOf(running, 'Web App')
      assert.match(
        reason ?? '',
        /^flapping: 2 deaths within 1 s, retry 1 of 5 after 7 s, about \d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/,
      )
    })

    test('the growing pause between respawns does not hide flapping', async () => {
      await using running = await startFlapping(`
      [watcher:web]
      cmd = ${dies}
      respawn_delay = 0.4
      respawn_delay_max = 0.4
      flapping.attempts = 5
      flapping.window = 1`)

      await running.events.event('web.stop')

      assert.match((await statusOf(running, 'web')).reason ?? '', /5 deaths within 1 s/)
    })

    test('max_retry -1 tries for ever', async () => {
      await using running = await startFlapping(`
      [watcher:web]
      cmd = ${dies}
      flapping.attempts = 1
      flapping.retry_in = 0.01
      flapping.max_retry = -1`)

      await running.events.event('web.start', { count: 9 })
    })

    test('flapping.active = false leaves a watcher alone, until it is set', async () => {
      await using running = await startFlapping(`
      [watcher:web]
      cmd = ${dies}
      respawn_delay = 0.01
      flapping.active = false`)

      await running.events.event('web.reap', { count: 6 })
      assert.equal((await statusOf(running, 'web')).status, 'active')

      await running.client.call('set', { name: 'web', options: { 'flapping.active': 'true' } })
      await running.events.event('web.stop')
    })

    test('a watcher that is stopped by hand meanwhile is not started again', async () => {
      await using running = await startFlapping(`
      [watcher:web]
      cmd = ${dies}
      flapping.retry_in = 0.2`)
      await running.events.event('web.stop')

      await running.client.call('stop', { name: 'web', waiting: true })
      await untilLaterRetry(running)

      assert.deepEqual(
        running.events.of('web').filter((event) => event === 'start'),
        ['start'],
      )
      assert.equal((await statusOf(running, 'web')).reason, undefined)
    })

    test('a watcher that is started by hand meanwhile is not started once more', async () => {
      await using running = await startFlapping(`
      [watcher:web]
      cmd = ${sick}
      flapping.retry_in = 0.2`)
      await running.events.event('web.stop')

      running.folder.write('well', '')
      await running.client.call('start', { name: 'web', waiting: true })
      await untilLaterRetry(running)

      const ends = running.events.of('web').filter((event) => event === 'start' || event === 'stop')
      assert.deepEqual(ends, ['start', 'stop', 'start'])
      assert.equal((await statusOf(running, 'web')).status, 'active')
    })

    test('a watcher that was removed, and added again, has no past', async () => {
      await using running = await startFlapping(`
      [watcher:web]
      cmd = ${dies}
      flapping.retry_in = 0.2`)
      await running.events.event('web.stop')

      await running.client.call('rm', { name: 'web', waiting: true })
      await running.client.call('add', { name: 'web', cmd: 'sleep 60' })
      await untilLaterRetry(running)

      assert.equal((await statusOf(running, 'web')).status, 'stopped')
    })

    test('what ends because it was asked to does not count', async () => {
      await using running = await startFlapping(`
      [watcher:web]
      cmd = sleep 60
      flapping.attempts = 2
      flapping.window = 60`)
      const { client, events } = running

      for (const command of ['restart', 'reload', 'restart', 'reload']) {
        await client.call(command, { name: 'web', waiting: true })
      }
      const { pids } = await client.call<{ pids: number[] }>('list', { name: 'web' })
      await client.call('kill', { name: 'web', pid: pids[0], waiting: true })
      await untilLaterRetry(running)
      const from = events.all.length
      assert.equal((await statusOf(running, 'web')).status, 'active')

      for (const death of [1, 2]) {
        await client.call('signal', { name: 'web', signum: 'KILL' })
        await events.event('web.reap', { from, count: death })
        if (death === 1) await events.event('web.spawn', { from })
      }
      await events.event('web.stop', { from })
    })

    test('a time of health gives all retries back', async () => {
      await using running = await startFlapping(`
      [watcher:web]
      cmd = sh -c 'rm FOLDER/well && sleep 0.8; exit 1'
      close_child_stderr = true
      flapping.window = 0.5
      flapping.retry_in = 0.1
      flapping.max_retry = 1`)
      await running.events.event('web.stop')

      running.folder.write('well', '')
      await running.events.event('web.stop', { count: 3 })

      assert.match((await statusOf(running, 'web')).reason ?? '', /given up after 1 retry$/)
    })

    test('where nothing is respawned, nothing flaps', async () => {
      await using running = await startFlapping(`
      [watcher:web]
      cmd = ${dies}
      numprocesses = 3
      respawn = false
      flapping.retry_in = 0.2`)

      await running.events.event('web.stop')
      await untilLaterRetry(running)

      assert.equal((await statusOf(running, 'web')).reason, undefined)
      assert.equal(running.events.of('web').filter((event) => event === 'start').length, 1)
    })
  })
}

test('flapping.… options that are wrong are named in the log, and the defaults hold', async () => {
  await using running = await startArbiter(
    ['[watcher:web]', `cmd = ${dies}`, 'flapping.attemps = 3', '[plugin:flapping]', 'use = flapping'].join('\n'),
  )
  await running.events.event('web.stop')
  await running.log.record(/^error plugins: flapping: web: .*"attemps"/)
})
