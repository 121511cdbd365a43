import assert from 'node:assert/strict'
import { hostname } from 'node:os'
import { test } from 'node:test'
import { startArbiter } from '../../harness/index.ts'
import { startPlugin, ways } from '../ways.ts'
import { HookServer, textOf } from './hook-server.ts'

const dying = `
  [watcher:sick]
  cmd = sh -c 'echo "no <db> at http://me:secret@db/" >&2; exit 3'
  respawn = false
  autostart = false
  [watcher:well]
  cmd = sleep 60`

for (const way of ways) {
  test(`${way}: an end that nobody asked for is told, with the last lines, as Slack wants it`, async () => {
    await using server = await HookServer.start()
    await using running = await startPlugin(way, 'notify', `url = ${server.url}`, dying)
    const { client, events } = running
    await client.call('restart', { name: 'well', waiting: true })

    await client.call('start', { name: 'sick', waiting: true })

    const told = await server.message(/sick/)
    const { payload } = await events.event('sick.reap')
    const first = `sick on ${hostname()}: process ${payload['process_pid']} ended with status 3`
    assert.equal(textOf(told), `${first}\n\`\`\`\nno &lt;db&gt; at http://me:********@db/\n\`\`\``)
    assert.equal(told.headers['content-type'], 'application/json')
    assert.equal(server.told.all.length, 1)
  })

  test(`${way}: a watcher that flaps, a reload that fails and a plugin that fails are told`, async () => {
    const files = {
      'bad.ts': `export default { name: 'bad', setup: (circus) => circus.on('well.updated', () => { throw new Error('oh no') }) }`,
    }
    await using server = await HookServer.start()
    const ini = `${dying}
      [plugin:bad]
      use = ./bad.ts
      [plugin:flapping]
      attempts = 2
      window = 5
      max_retry = 0
      [watcher:flappy]
      cmd = false
      respawn_delay = 0.01
      autostart = false
      [socket:front]
      host = 127.0.0.1
      port = 0
      [watcher:front]
      cmd = sleep 60
      use_sockets = true`
    const section = `url = ${server.url}\nevents = flapping, reload_failed, plugin_failure`
    await using running = await startPlugin(way, 'notify', section, ini, files)
    const { client } = running

    await client.call('start', { name: 'flappy', waiting: true }).catch(() => {})
    await server.message(/flappy on .*: stopped: flapping: 2 deaths within 5 s, given up after 0 retries/)
    await client.call('set', { name: 'well', options: { graceful_timeout: 1 } })
    await server.message(/plugin:bad on .*: the listener for well.updated failed: oh no/)
    const broken = { name: 'front', options: { cmd: 'false' }, waiting: true }
    await client.call('set', broken).catch(() => {})
    await server.message(/front on .*: reload failed: /)

    assert.equal(server.told.all.length, 3)
  })

  test(`${way}: only the events and watchers that are chosen, and not what a watcher says it is not`, async () => {
    await using server = await HookServer.start()
    const section = `url = ${server.url}\nevents = start stop\nwatchers = w*, !web\ntemplate = {event}:{watcher}`
    const ini = ['web', 'worker', 'wet', 'wild', 'other']
      .map((name) => `[watcher:${name}]\ncmd = sleep 60\nautostart = false`)
      .join('\n')
    const own = `${ini}\n[watcher:wet]\nnotify.active = no\n[watcher:wild]\nnotify.events = stop`
    await using running = await startPlugin(way, 'notify', section, own)
    const { client } = running

    for (const command of ['start', 'stop']) {
      for (const name of ['web', 'wet', 'other', 'wild', 'worker']) await client.call(command, { name, waiting: true })
    }
    await client.call('set', { name: 'wild', options: { 'notify.active': 'false' } })
    for (const name of ['wild', 'worker']) await client.call('start', { name, waiting: true })

    await server.message(/start:worker/, { count: 2 })
    assert.deepEqual(server.texts, ['start:worker', 'stop:wild', 'stop:worker', 'start:worker'])
  })
}

test('options that are wrong leave the section out and say why, without what is secret in them', async () => {
  const sections = {
    neither: '',
    both: 'url = http://127.0.0.1/\ncommand = true',
    scheme: 'url = ftp://me:SECRET@host/SECRET',
    value: 'command = true\ntemplate = {wacther}',
    header: 'url = http://127.0.0.1/\nheaders = SECRET',
    name: 'command = true\nevents = Reap!',
  }
  const ini = Object.entries(sections).map(([name, text]) => `[plugin:${name}]\nuse = notify\n${text}`)
  await using running = await startArbiter(ini.join('\n'))

  const left = (name: string, why: string) =>
    running.log.record(new RegExp(`\\[plugin:${name}\\] is left out: .*${why}`))
  await left('neither', 'write either url = https://… or command = …')
  await left('both', 'write either url = https://… or command = …')
  await left('scheme', 'url.* must be an address like https://HOST/PATH$')
  await left('value', 'template.* must be a text with values out of .*watcher.*not "{wacther}"')
  await left('header', 'headers.* must be lines like NAME: VALUE$')
  await left('name', 'events.* must be names of events')
  assert.deepEqual(running.log.matching(/SECRET/), [])
})
