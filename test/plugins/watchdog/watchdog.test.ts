import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { isolatedLog } from '../../../testing/isolated-log.ts'
import { isAlive, type RunningArbiter, startArbiter } from '../../harness/index.ts'
import { startPlugin, ways } from '../ways.ts'

/** Where the plugin listens. */
async function portOf({ log }: RunningArbiter): Promise<number> {
  const record = await log.record(/watchdog: listens for heartbeats at udp:\/\/127\.0\.0\.1:\d+$/)
  return Number(/\d+$/.exec(record))
}

/** Sends datagrams to the plugin; `beat`: again and again, until the end of its scope. */
async function sender(running: RunningArbiter) {
  const port = await portOf(running)
  const socket = createSocket('udp4')
  const timers: NodeJS.Timeout[] = []
  const send = (text: string) => new Promise<void>((resolve) => socket.send(text, port, '127.0.0.1', () => resolve()))
  return {
    send,
    async beat(text: string) {
      await send(text)
      timers.push(setInterval(() => void send(text), 20))
    },
    [Symbol.asyncDispose]: async () => {
      for (const timer of timers) clearInterval(timer)
      await new Promise<void>((resolve) => socket.close(resolve))
    },
  }
}

const pidOf = (running: RunningArbiter, watcher: string) => running.arbiter.watcher(watcher).pids[0]!

const endOf = async ({ events }: RunningArbiter, watcher: string) => (await events.event(`${watcher}.reap`)).payload

const hurried = 'use = circus.plugins.watchdog.WatchDog\nport = 0\nloop_rate = 0.1\nmax_count = 2'

for (const way of ways) {
  describe(way, { concurrency: true }, () => {
    test(`what sends heartbeats lives, what does not is stopped as its watcher says, and replaced`, async () => {
      await using running = await startPlugin(
        way,
        'watchdog',
        'port = 0\nloop_rate = 0.2\nmax_count = 5',
        `[watcher:Web App]
       cmd = sleep 60
       [watcher:silent]
       cmd = sleep 60
       stop_signal = INT
       [watcher:gone]
       cmd = sleep 60`,
      )
      await using heart = await sender(running)
      await running.events.event('web_app.spawn')
      const pid = pidOf(running, 'web_app')
      await heart.beat(`${pid};1795449099.4`)
      const left = pidOf(running, 'gone')
      try {
        await running.client.call('rm', { name: 'gone', nostop: true, waiting: true })

        assert.equal((await endOf(running, 'silent'))['exit_code'], -2)
        await running.events.event('silent.reap', { count: 2 })

        assert.equal(pidOf(running, 'web_app'), pid)
        assert.ok(isAlive(left), 'a process that was let go is nobody’s')
        assert.equal(
          running.log.matching(/warning plugins: watchdog: silent: process \d+ sent no heartbeat for 5 × 0.2 s/).length,
          2,
        )
      } finally {
        process.kill(left, 'SIGKILL')
      }
    })

    test(`garbage, strangers and floods do no harm, and fill no log`, async () => {
      await using running = await startPlugin(
        way,
        'watchdog',
        `${hurried}\nwatchers_regex = w`,
        '[watcher:web]\ncmd = sleep 60',
      )
      await using heart = await sender(running)
      const bystander = spawn('sleep', ['60'])
      try {
        const stranger = bystander.pid!
        for (const text of [
          `${stranger};1`,
          '',
          ';',
          '\0\x1b[2J\n',
          '-1;1',
          '1e3;1',
          ' ; ',
          '99999999999;1',
          `${'9'.repeat(60_000)};`,
        ]) {
          await heart.send(text)
        }
        for (let count = 0; count < 5_000; count++) await heart.send(`${';'.repeat(count % 1_000)}\n\n`)

        // All of that is behind it when it comes to this one.
        await running.events.event('web.reap')
        assert.ok(isAlive(stranger))
        assert.deepEqual(running.arbiter.plugins.isRunning('watchdog'), true)
        const told = running.log.matching(/watchdog: .*(no heartbeat:|not watched|can be read)/)
        assert.ok(told.length >= 2 && told.length <= 3, told.join('\n'))
        assert.ok(told.every((record) => record.length < 200))
      } finally {
        bystander.kill()
        await once(bystander, 'exit')
      }
    })

    test(`the signal and the grace time can be the plugin's`, async () => {
      await using running = await startPlugin(
        way,
        'watchdog',
        `${hurried}\nwatchers_stop_signal = SIGUSR1\nwatchers_graceful_timeout = 0.1`,
        `[watcher:web]
       cmd = sleep 60
       [watcher:deaf]
       cmd = sh -c "trap '' USR1; while :; do sleep 0.05; done"
       copy_env = true`,
      )

      assert.equal((await endOf(running, 'web'))['exit_code'], -10)
      await running.events.until(({ watcher, payload }) => watcher === 'deaf' && payload['exit_code'] === -9)
    })

    test(`processes that were there before the plugin are found, in watchers that the pattern names`, async () => {
      await using running = await startArbiter('[watcher:web-1]\ncmd = sleep 60\n[watcher:db]\ncmd = sleep 60\n', {
        prepare: isolatedLog,
      })
      const section = [
        '[plugin:watchdog]',
        hurried,
        `isolate = ${way !== 'in the daemon'}`,
        'watchers_regex = (?P<kind>web)-\\d$',
      ]
      running.folder.write('more.ini', '')
      const ini = `[watcher:web-1]\ncmd = sleep 60\n[watcher:db]\ncmd = sleep 60\n${section.join('\n')}\n[circus]\nendpoint = ipc://${running.folder.path('control.sock')}\npubsub_endpoint = ipc://${running.folder.path('events.sock')}\n`
      const db = pidOf(running, 'db')
      const web = pidOf(running, 'web-1')
      running.folder.write('circus.ini', ini)
      await running.client.call('reloadconfig', { waiting: true })

      assert.equal((await endOf(running, 'web-1'))['process_pid'], web)
      await running.events.event('web-1.reap', { count: 2 })
      assert.equal(pidOf(running, 'db'), db)
      assert.equal(running.events.of('plugin:watchdog').filter((event) => event === 'reap').length, 0)
    })

    test(`heartbeats can look otherwise`, async () => {
      await using running = await startPlugin(
        way,
        'watchdog',
        'port = 0\nloop_rate = 0.2\nmax_count = 5\nmsg_regex = (?i)alive (?P<what>\\w+) pid=(?P<pid>\\d+)',
        '[watcher:web]\ncmd = sleep 60\n[watcher:other]\ncmd = sleep 60',
      )
      await using heart = await sender(running)
      await running.events.event('other.spawn')
      const pid = pidOf(running, 'web')
      await heart.beat(`ALIVE web pid=${pid}, and more`)
      await heart.beat(`${pidOf(running, 'other')};1`)

      await running.events.event('other.reap')
      assert.equal(pidOf(running, 'web'), pid)
    })
  })
}

test('a port that is taken, and options that mean nothing, are told in words, and the daemon goes on', async () => {
  const taken = createSocket('udp4')
  taken.bind(0, '127.0.0.1')
  await once(taken, 'listening')
  const sections = [
    ['taken', `port = ${taken.address().port}`],
    ['pattern', 'msg_regex = (?P<pid>.*'],
    ['group', 'msg_regex = (.*);(.*)'],
    ['backwards', 'watchers_regex = (?<=a)b'],
    ['high', 'port = 70000'],
    ['signal', 'watchers_stop_signal = NONSENSE'],
    ['grace', 'watchers_graceful_timeout = soon'],
    ['slip', 'looprate = 3'],
  ].map(([name, option]) => `[plugin:${name}]\nuse = watchdog\n${option}\n`)
  try {
    await using running = await startArbiter(`${sections.join('')}[watcher:web]\ncmd = sleep 60\n`)

    await running.events.event('web.start')
    const said = (name: string) => running.log.matching(new RegExp(`error .*\\[plugin:${name}\\] is left out`))[0]
    assert.match(said('taken') ?? '', /UDP port \d+ of 127.0.0.1 is in use by another program: choose another port$/)
    assert.match(said('pattern') ?? '', /'msg_regex'.*unterminated group/)
    assert.match(said('group') ?? '', /msg_regex.*\(\?P<pid>…\)/)
    assert.match(said('backwards') ?? '', /'watchers_regex'.*looking back is not supported/)
    assert.match(said('high') ?? '', /'port' must be an integer from 0 to 65535/)
    assert.match(said('signal') ?? '', /'watchers_stop_signal'/)
    assert.match(said('grace') ?? '', /'watchers_graceful_timeout'/)
    assert.match(said('slip') ?? '', /looprate: there is no such option/)
  } finally {
    taken.close()
  }
})
