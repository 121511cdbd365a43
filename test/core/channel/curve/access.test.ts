import assert from 'node:assert/strict'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { Dealer } from 'zeromq'
import { keyFiles } from '../../../../core/channel/curve/key-folder.ts'
import { makeKeyPair } from '../../../../core/channel/curve/key-pair.ts'
import { CircusClient, type ClientKeys, EventSubscriber } from '../../../../core/client.ts'
import { startArbiter, untilTrue } from '../../../harness/index.ts'
import { bossOf, type GuardedDaemon, startGuarded, transports } from './daemon.ts'

const web = '[watcher:web]\ncmd = sleep 60\n'

/** Nobody has stopped or changed anything, and the daemon answers. */
async function assertUnharmed(daemon: GuardedDaemon): Promise<void> {
  assert.equal(daemon.arbiter.stopping, false)
  const client = daemon.clientOf(bossOf(daemon))
  assert.deepEqual((await client.call<{ statuses: object }>('status')).statuses, { web: 'active' })
  assert.deepEqual((await client.call<{ numprocesses: number }>('numprocesses', { name: 'web' })).numprocesses, 1)
}

/** The control channel is there again. */
async function answers(daemon: GuardedDaemon): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await daemon.clientOf(bossOf(daemon)).call('list')
      return
    } catch (error) {
      if (attempt === 50) throw error
    }
  }
}

/** A client that knows CURVE, but nothing of this daemon: pyzmq, say. */
function strangerTo(daemon: GuardedDaemon, keys: ClientKeys | undefined) {
  const dealer = new Dealer({ linger: 0, receiveTimeout: 5_000 })
  if (keys) {
    dealer.curvePublicKey = keys.publicKey
    dealer.curveSecretKey = keys.secretKey
    dealer.curveServerKey = keys.serverKey
  }
  dealer.connect(daemon.arbiter.endpoints.control)
  return {
    send: (command: string, properties = {}) => dealer.send(JSON.stringify({ id: command, command, properties })),
    receive: async () => JSON.parse(String((await dealer.receive()).at(-1))) as Record<string, unknown>,
    async ask(command: string, properties = {}) {
      await this.send(command, properties)
      return this.receive()
    },
    [Symbol.dispose]: () => dealer.close(),
  }
}

for (const transport of Object.keys(transports) as (keyof typeof transports)[]) {
  test(`${transport}: without a key nobody gets in; the client is told at once, and the log as much as libzmq knows`, async () => {
    await using daemon = await startGuarded(transport, web)
    await assert.rejects(daemon.clientOf(undefined).call('quit'), { code: 'ERR_KEY_WANTED', message: /--key/ })
    await assert.rejects(daemon.eventsOf(undefined), { code: 'ERR_KEY_WANTED' })
    using stranger = strangerTo(daemon, undefined)
    await stranger.send('quit')
    await daemon.log.record(/^warning control channel: refused a client that came without a key$/)
    await daemon.log.record(/^warning events channel: refused a client that came without a key$/)
    await assertUnharmed(daemon)
  })

  test(`${transport}: with a key that is not in the list nobody gets in, and the log tells the key and from where`, async () => {
    await using daemon = await startGuarded(transport, web)
    const keys = { ...makeKeyPair(), serverKey: bossOf(daemon).serverKey }
    await assert.rejects(daemon.clientOf(keys).call('quit'), { code: 'ERR_KEY_REFUSED', message: /client_keys/ })
    await assert.rejects(daemon.eventsOf(keys), { code: 'ERR_KEY_REFUSED' })
    const from = transport === 'tcp' ? '127.0.0.1' : `uid ${process.geteuid!()} (pid ${process.pid})`
    for (const channel of ['control', 'events']) {
      const start = `warning ${channel} channel: refused ${from}: its key ${keys.publicKey} is not in `
      assert.ok(
        daemon.log.all.some((record) => record.startsWith(start)),
        daemon.log.all.join('\n'),
      )
    }
    await assertUnharmed(daemon)
  })

  test(`${transport}: a client that expects another daemon's key says nothing to this one`, async () => {
    await using daemon = await startGuarded(transport, web)
    const keys = { ...bossOf(daemon), serverKey: makeKeyPair().publicKey }
    await assert.rejects(daemon.clientOf(keys).call('quit'), { code: 'ERR_SERVER_KEY_WRONG', message: /"server"/ })
    await assert.rejects(daemon.eventsOf(keys), { code: 'ERR_SERVER_KEY_WRONG' })
    await daemon.log.record(/^warning control channel: refused a client that expects another server key$/)
    await assertUnharmed(daemon)
  })

  test(`${transport}: a role allows what it says and no more, and the log tells who asked`, async () => {
    await using daemon = await startGuarded(transport, web)
    const view = daemon.clientOf(daemon.add('vera', 'view'))
    const operate = daemon.clientOf(daemon.add('otto', 'operate'))
    const admin = daemon.clientOf(bossOf(daemon))
    const refused = (code: string) => ({ code, errno: 5 })

    await view.call('list')
    for (const [command, properties] of [
      ['quit', {}],
      ['stop', { name: 'web' }],
      ['set', { name: 'web', options: { numprocesses: 2 } }],
      ['add', { name: 'evil', cmd: 'id' }],
      ['reloadconfig', {}],
    ] as const) {
      await assert.rejects(view.call(command, properties), refused('ERR_ROLE_TOO_LOW'), command)
    }
    await assert.rejects(operate.call('set', { name: 'web', options: { cmd: 'id' } }), refused('ERR_ROLE_TOO_LOW'))
    await assert.rejects(operate.call('quit'), /quit takes the role admin, and key otto has operate/)
    view.cast('quit')
    await daemon.log.record(/^warning not allowed: quit takes the role admin, and key vera has view$/, { count: 2 })
    assert.equal(daemon.log.matching(/^warning not allowed: set .* key otto has operate$/).length, 1)
    await assertUnharmed(daemon)

    for (const command of ['restart', 'reload', 'kill', 'stop', 'start'])
      await operate.call(command, { name: 'web', waiting: true })
    await operate.call('signal', { name: 'web', signum: 'CONT' })
    await operate.call('incr', { name: 'web', waiting: true })
    await operate.call('decr', { name: 'web', waiting: true })
    await admin.call('set', { name: 'web', options: { numprocesses: 2 }, waiting: true })
    assert.equal(daemon.log.matching(/^info incr \{.*\} asked by key otto \(operate\)$/).length, 1)
    assert.equal(daemon.log.matching(/^info set \{.*\} asked by key boss \(admin\)$/).length, 1)
  })

  test(`${transport}: a key that is removed is refused from then on, on connections that exist as well`, async () => {
    await using daemon = await startGuarded(transport, web)
    const gone = daemon.add('gone', 'admin')
    const client = daemon.clientOf(gone)
    const events = await daemon.eventsOf(gone)
    const staying = await daemon.eventsOf(bossOf(daemon))
    const admin = daemon.clientOf(bossOf(daemon))
    await client.call('numwatchers')
    await admin.call('incr', { name: 'web', waiting: true })
    const heard = events[Symbol.asyncIterator]()
    assert.equal((await heard.next()).value?.watcher, 'web')

    daemon.remove('gone')

    await assert.rejects(client.call('quit'), {
      code: 'ERR_KEY_UNKNOWN',
      message: /your key gone is not, or no longer/,
    })
    client.cast('quit')
    await daemon.log.record(/^warning control channel: refused a request: .*your key gone/, { count: 2 })
    const end = async () => {
      for await (const _ of { [Symbol.asyncIterator]: () => heard });
    }
    await assert.rejects(end, { code: 'ERR_KEY_REFUSED' })
    await daemon.log.record(/^warning events channel: refused .*its key/)
    await assert.rejects(daemon.clientOf(gone).call('quit'), { code: 'ERR_KEY_REFUSED' })
    await admin.call('decr', { name: 'web', waiting: true })
    await assertUnharmed(daemon)

    // Whoever may still listen comes back by themselves.
    let back = false
    const listening = (async () => {
      for await (const { topic } of staying) if (topic === 'watcher.news.add') break
      back = true
    })()
    let count = 0
    const tell = setInterval(() => daemon.arbiter.events.publish('news', 'add', { count: ++count }), 20)
    await listening.finally(() => clearInterval(tell))
    assert.ok(back)
  })

  test(`${transport}: a role that is changed in the list is in force on connections that exist`, async () => {
    await using daemon = await startGuarded(transport, web)
    const client = daemon.clientOf(daemon.add('alice', 'admin'))
    await client.call('set', { name: 'web', options: { max_retry: 3 } })
    const { clients } = keyFiles(daemon.keyFolder)
    writeFileSync(clients, readFileSync(clients, 'utf8').replace(' admin alice', ' view alice'))
    await assert.rejects(client.call('quit'), { code: 'ERR_ROLE_TOO_LOW' })
    await client.call('list')
    await assertUnharmed(daemon)
  })

  test(`${transport}: a client that knows CURVE, but not how to say which key it has, may look`, async () => {
    await using daemon = await startGuarded(transport, web)
    using known = strangerTo(daemon, daemon.add('python', 'admin'))
    assert.deepEqual((await known.ask('list')).watchers, ['web'])
    const refusal = await known.ask('quit')
    assert.equal(refusal.code, 'ERR_ROLE_TOO_LOW')
    assert.match(String(refusal.reason), /a client that does not prove which key it has \(SECURITY\.md\) has view/)
    await assertUnharmed(daemon)

    // Which of such clients had the key that is removed now, nobody can tell: all have to come again.
    using removed = strangerTo(daemon, daemon.add('snake', 'view'))
    assert.equal((await removed.ask('numwatchers')).numwatchers, 1)
    daemon.remove('snake')
    await removed.send('list')
    await daemon.log.record(/^warning control channel: refused .*: its key /)
    assert.deepEqual((await known.ask('list')).watchers, ['web'])
    daemon.add('mamba', 'view')
    await known.ask('list')
    daemon.remove('mamba')
    assert.equal((await known.ask('list')).code, 'ERR_FORBIDDEN')
    await answers(daemon)
    assert.deepEqual((await known.ask('list')).watchers, ['web'])
    await assertUnharmed(daemon)
  })
}

test('values that look secret are masked for roles below admin, and in the log and in events for all', async () => {
  await using daemon = await startGuarded(
    'ipc',
    `${web}redis_password = hunter2\n[env:web]\nDB_PASSWORD = hunter2\nURL = redis://:hunter2@localhost/1\nPLAIN = yes\n`,
  )
  const [view, operate] = [daemon.clientOf(daemon.add('vera', 'view')), daemon.clientOf(daemon.add('otto', 'operate'))]
  const admin = daemon.clientOf(bossOf(daemon))
  const ask = (client: CircusClient) =>
    Promise.all([
      client.call('options', { name: 'web' }),
      client.call('get', { name: 'web', keys: ['env'] }),
      client.call('describe', { name: 'web' }),
    ])
  for (const client of [view, operate]) {
    const text = JSON.stringify(await ask(client))
    assert.ok(!text.includes('hunter2'), text)
    assert.ok(text.includes('redis://:********@localhost/1'), text)
    assert.ok(text.includes('"PLAIN":"yes"'), text)
  }
  assert.match(JSON.stringify(await view.call('options', { name: 'web' })), /"redis_password":"\*+"/)
  for (const reply of await ask(admin)) assert.match(JSON.stringify(reply), /hunter2/)

  // What it says of a start that failed quotes options as well.
  const place = { working_dir: '/nonexistent/token=hunter3', max_retry: 0 }
  await assert.rejects(admin.call('add', { name: 'bad', cmd: 'sleep 1', options: place, start: true, waiting: true }))
  const replies = [
    ...(await Promise.all([view.call('status'), view.call('status', { name: 'bad' }), view.call('describe')])),
    await operate.call('start', { name: 'bad', waiting: true }).catch((error: Error) => error.message),
  ]
  assert.doesNotMatch(JSON.stringify(replies), /hunter/)

  const events = await daemon.eventsOf(bossOf(daemon))
  await admin.call('set', {
    name: 'web',
    options: { 'env.TOKEN': 'hunter2' },
    waiting: true,
  })
  daemon.arbiter.events.publish('web', 'told', { api_key: 'hunter2', text: 'login with password=hunter2' })
  const seen: unknown[] = []
  for await (const { event, payload } of events) {
    seen.push(payload)
    if (event === 'told') break
  }
  assert.ok(!JSON.stringify(seen).includes('hunter2'), JSON.stringify(seen))
  assert.deepEqual(daemon.log.matching(/hunter2/), [])
})

test('secret keys are never logged or shown', async () => {
  await using daemon = await startGuarded('tcp', web)
  const boss = bossOf(daemon)
  const vera = daemon.add('vera', 'view')
  await daemon.clientOf(vera).call('options', { name: 'web' })
  await assert.rejects(daemon.clientOf(vera).call('quit'))
  await assert.rejects(daemon.clientOf({ ...makeKeyPair(), serverKey: boss.serverKey }).call('quit'))
  await daemon.clientOf(boss).call('incr', { name: 'web' })
  const said = daemon.log.all.join('\n')
  const server = readFileSync(keyFiles(daemon.keyFolder).server, 'utf8')
  for (const secret of [boss.secretKey, vera.secretKey, /^secret = (\S+)$/m.exec(server)![1]!]) {
    assert.ok(!said.includes(secret))
  }
  assert.ok(!said.includes('CIRCUS1:'))
})

test('whoever knocks again and again does not fill the log', async () => {
  await using daemon = await startGuarded('tcp', web)
  const serverKey = bossOf(daemon).serverKey
  const knocks = Array.from({ length: 60 }, () => daemon.clientOf({ ...makeKeyPair(), serverKey }).call('quit'))
  const outcomes = await Promise.allSettled(knocks)
  assert.ok(outcomes.every(({ status }) => status === 'rejected'))
  const lines = daemon.log.matching(/refused/).length
  assert.ok(lines > 0 && lines <= 20, String(lines))
  await assertUnharmed(daemon)
})

test('an isolated plugin gets a key of its own, and works', async () => {
  await using daemon = await startGuarded('tcp', `${web}[plugin:flapping]\nuse = flapping\nisolate = true\n`)
  assert.equal(daemon.arbiter.watcher('plugin:flapping').status, 'active')
  // It ends when it cannot connect; it listens once it could.
  const events = await daemon.eventsOf(bossOf(daemon))
  await daemon
    .clientOf(bossOf(daemon))
    .call('add', { name: 'dying', cmd: 'false', options: { 'flapping.attempts': 2, respawn_delay: 0 }, start: true })
  for await (const { topic } of events) if (topic === 'watcher.dying.stop') break
  await daemon.log.record(/^info stop \{"name":"dying".*\} asked by key plugin:flapping \(admin\)$/)
  // What others see of the plugin's watcher does not hold its key.
  const view = daemon.clientOf(daemon.add('vera', 'view'))
  for (const command of ['options', 'describe']) {
    const shown = JSON.stringify(await view.call(command, { name: 'plugin:flapping' }))
    assert.ok(!shown.includes('secretKey'), shown)
  }
})

test('the key of an isolated plugin that is removed is refused from then on', async () => {
  await using daemon = await startGuarded('ipc', `${web}[plugin:flapping]\nuse = flapping\nisolate = true\n`)
  const boss = daemon.clientOf(bossOf(daemon))
  const { options } = await boss.call<{ options: { env: { CIRCUS_PLUGIN: string } } }>('options', {
    name: 'plugin:flapping',
  })
  const { keys } = JSON.parse(options.env.CIRCUS_PLUGIN)
  const stolen = daemon.clientOf(keys)
  await stolen.call('list')

  await boss.call('rm', { name: 'plugin:flapping', waiting: true })

  await assert.rejects(stolen.call('list'), { code: 'ERR_KEY_UNKNOWN' })
  await assert.rejects(daemon.clientOf(keys).call('list'), { code: 'ERR_KEY_REFUSED' })
})

test('a daemon without keys is reached with keys that are only there in case, and not with keys that are insisted on', async () => {
  await using running = await startArbiter(web)
  const { control, events } = running.arbiter.endpoints
  const keys = { ...makeKeyPair(), serverKey: makeKeyPair().publicKey }
  await using inCase = new CircusClient({ endpoint: control, keys: { insist: false, load: async () => keys } })
  await inCase.call('list')
  await using insisting = new CircusClient({ endpoint: control, keys })
  await assert.rejects(insisting.call('quit'), { code: 'ERR_KEY_NOT_WANTED' })
  await using subscriber = new EventSubscriber({ endpoint: events, keys })
  await assert.rejects(subscriber.ready(), { code: 'ERR_KEY_NOT_WANTED' })
  assert.equal(running.arbiter.stopping, false)
})

test('a daemon whose keys cannot be used does not start, and says which line is wrong', async () => {
  await using daemon = await startGuarded('ipc', web)
  const { server, clients } = keyFiles(daemon.keyFolder)
  const circus = `[circus]\nauth = curve\nserver_key = ${server}\n`
  appendFileSync(clients, 'nonsense\n')
  await assert.rejects(startArbiter(`${circus}client_keys = ${clients}\n`), {
    code: 'ERR_KEY_FILE_INVALID',
    message: /clients:5: /,
  })
  await assert.rejects(startArbiter(`${circus}client_keys = nowhere\n`), {
    code: 'ERR_KEY_FILE_INVALID',
    message: /nowhere: there is no such file/,
  })
})

test('with keys, an address that others can reach is allowed', async () => {
  await using daemon = await startGuarded('tcp', web)
  const { server, clients } = keyFiles(daemon.keyFolder)
  await using open = await startArbiter(
    `[circus]\nauth = curve\nserver_key = ${server}\nclient_keys = ${clients}\nendpoint = tcp://0.0.0.0:*\n${web}`,
  )
  const endpoint = open.arbiter.endpoints.control.replace('0.0.0.0', '127.0.0.1')
  await using client = new CircusClient({ endpoint, keys: bossOf(daemon) })
  await client.call('list')
  await untilTrue(() => open.log.matching(/whoever has one of 1 keys/).length === 1)
})
