import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EventSubscriber, type ReplyError } from '../../../core/index.ts'
import { type RunningArbiter, startArbiter } from '../../harness/index.ts'

const zod = import.meta.resolve('zod')

/** A daemon with a plugin that does `setup`; zod is `z`. */
function startWith(setup: string, kernel = true): Promise<RunningArbiter> {
  const source = `import { z } from '${zod}'
    import { Accepted, KernelError } from 'circusd'
    const none = z.object({})
    export default { name: 'mine', kernel: ${kernel}, setup(circus) { ${setup} } }`
  return startArbiter(`[watcher:web]\ncmd = sleep 60\n[plugin:mine]\nuse = ./mine.ts\n`, {
    files: { 'mine.ts': source },
  })
}

const command = (fields: string) =>
  `circus.command({ name: 'backup', summary: 'Back up.', properties: none, ${fields} })`

async function refused(call: Promise<unknown>): Promise<ReplyError> {
  return call.then(
    (reply) => assert.fail(JSON.stringify(reply)),
    (error) => error,
  )
}

test('a command is described by the JSON Schema of its zod object, and answers with checked properties', async () => {
  await using running = await startWith(
    command(`properties: z.object({
      name: z.string().describe('whose'),
      nb: z.number().int().default(3),
      mode: z.enum(['full', 'diff']).optional(),
      since: z.coerce.date().optional(),
    }), execute: ({ caller }, given) => ({ ...given, via: caller.via })`),
  )

  const { commands } = await running.client.call<{ commands: Record<string, object> }>('commands')
  const reply = await running.client.call('backup', { name: 'web', unknown: 1 })

  assert.deepEqual(commands['backup'], {
    summary: 'Back up.',
    plugin: 'mine',
    role: 'admin',
    readOnly: false,
    showsOptions: false,
    properties: {
      type: 'object',
      properties: {
        name: { type: 'string', description: 'whose' },
        nb: { type: 'integer', default: 3, minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER },
        mode: { type: 'string', enum: ['full', 'diff'] },
        since: {},
      },
      required: ['name'],
    },
  })
  assert.deepEqual([reply['name'], reply['nb'], reply['via'], reply['unknown']], ['web', 3, 'channel', undefined])
})

test('wrong properties are refused with all that is wrong, and are no failure of the plugin', async () => {
  await using running = await startWith(
    command(`properties: z.object({ name: z.string(), nb: z.number() }), execute: () => ({})`),
  )

  const { code, reason } = await refused(running.client.call('backup', { name: 1, nb: 'x' }))

  assert.equal(code, 'ERR_PROPERTIES_INVALID')
  assert.match(reason, /^backup: name: .*; nb: /)
  assert.deepEqual(running.log.matching(/failed/), [])
})

for (const [what, fields, why] of [
  ['throws', `execute() { throw new Error('ouch') }`, /ouch/],
  ['rejects', `async execute() { throw new Error('ouch') }`, /ouch/],
  ['throws what is no error', `execute() { throw null }`, /null/],
  ['answers a cycle', `execute() { const a = {}; a.a = a; return a }`, /circular/],
  ['answers a big number', `execute: () => ({ size: 1n })`, /BigInt/],
  ['answers a text', `execute: () => 'done'`, /a string, not an object/],
  ['answers a list', `execute: () => [1]`, /a list, not an object/],
  ['has a getter that throws', `execute: () => ({ get a() { throw new Error('ouch') } })`, /ouch/],
  [
    'has a schema that throws',
    `properties: none.refine(() => { throw new Error('ouch') }), execute: () => ({})`,
    /ouch/,
  ],
  ['fails at work that is waited for', `execute: () => new Accepted(Promise.reject(new Error('ouch')))`, /ouch/],
] as const) {
  test(`a command that ${what} is an error reply that names the plugin, logged, counted and published`, async () => {
    await using running = await startWith(command(fields))
    await using subscriber = new EventSubscriber({ endpoint: running.arbiter.endpoints.events, topics: ['plugin.'] })
    await subscriber.ready()

    const { code, reason } = await refused(running.client.call('backup', { waiting: true }))

    assert.equal(code, 'ERR_PLUGIN_FAILED')
    assert.match(reason, /^plugin mine: its (command|check of the properties of) backup failed: /)
    assert.match(reason, why)
    await running.log.record(/^error plugins: mine: its .*backup failed: /)
    const [plugin] = running.arbiter.plugins.loaded
    assert.equal(plugin?.where === 'daemon' && plugin.scope.failures, 1)
    for await (const { topic, payload } of subscriber) {
      assert.equal(topic, 'plugin.mine.failure')
      assert.equal(payload['failures'], 1)
      break
    }
    await running.client.call('numwatchers')
  })
}

test('a command refuses something with a KernelError, which is no failure', async () => {
  await using running = await startWith(
    command(`execute: ({ arbiter }) => ({ pids: arbiter.watcher('nobody').pids })`) +
      `;circus.command({ name: 'other', summary: '', properties: none,
        execute() { throw new KernelError('ERR_PROPERTY_INVALID', ['name', 'a backup', 'x']) } })`,
  )

  assert.equal((await refused(running.client.call('backup'))).code, 'ERR_WATCHER_UNKNOWN')
  assert.equal((await refused(running.client.call('other'))).code, 'ERR_PROPERTY_INVALID')
  assert.deepEqual(running.log.matching(/failed/), [])
})

test('a command that hangs keeps nobody else waiting', async () => {
  await using running = await startWith(command('execute: () => new Promise(() => {})'))

  const hanging = running.client.call('backup', {}, { timeoutMs: 300 })
  const counted = await running.client.call('numwatchers')

  assert.equal(counted['numwatchers'], 1)
  await assert.rejects(hanging, { code: 'ERR_CALL_TIMEOUT' })
})

test('a command ends with its plugin, and cannot be contributed afterwards', async () => {
  await using running = await startWith(
    `${command('execute: () => ({})')}; circus.signal.addEventListener('abort', () => setImmediate(() => {
      try { circus.command({ name: 'late', summary: '', properties: none, execute: () => ({}) }) }
      catch (error) { console.error = () => {}; globalThis.refusedLate = error.code }
    }))`,
  )
  await running.client.call('backup')

  await running.arbiter.plugins.unload('mine')
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))

  const { commands } = await running.client.call<{ commands: object }>('commands')
  assert.deepEqual([Reflect.get(commands, 'backup'), Reflect.get(commands, 'late')], [undefined, undefined])
  assert.equal((await refused(running.client.call('backup'))).code, 'ERR_COMMAND_UNKNOWN')
  assert.equal((await refused(running.client.call('late'))).code, 'ERR_COMMAND_UNKNOWN')
  assert.equal(Reflect.get(globalThis, 'refusedLate'), 'ERR_PLUGIN_INVALID')
})

test('schemas other than zod do, and the name is meant in any case', async () => {
  await using running = await startWith(
    `const any = { version: 1, vendor: 'test', validate: (value) => ({ value }) }
    circus.command({ name: 'greet', summary: 'Says hello.', readOnly: true, properties: { '~standard': any },
      execute: (context, { name }) => ({ text: 'hello ' + name }) })`,
  )
  assert.equal((await running.client.call('GREET', { name: 'you' }))['text'], 'hello you')
})

for (const [what, fields, why] of [
  ['has the name of a kernel command', `name: 'status'`, /there is a command status already, of the kernel/],
  ['has a name with capitals', `name: 'Backup'`, /a word in lower case, not "Backup"/],
  ['has two words as its name', `name: 'back up'`, /a word in lower case/],
  ['has no name', 'name: undefined', /a word in lower case/],
  ['has no properties', 'properties: undefined', /write z\.object/],
  ['has a text for its properties', 'properties: z.string()', /they are an object: write z\.object/],
  ['has no execute', 'execute: undefined', /no function execute/],
  ['has a panel and changes something', `panel: 'Backups'`, /has a panel, which asks it again.*: write readOnly: true/],
  ['has a panel without a title', `panel: ' ', readOnly: true`, /its title, of 1 to 40 characters, not " "/],
  [
    'has a panel and needs something',
    `panel: 'Backups', readOnly: true, properties: z.object({ day: z.string() })`,
    /so it needs a default or \.optional\(\) for day/,
  ],
  ['has a role there is not', `role: 'root'`, /one of view, operate, admin, not root/],
] as const) {
  test(`a plugin whose command ${what} is left out, and says why`, async () => {
    await using running = await startWith(command(`execute: () => ({}), ${fields}`))

    const record = await running.log.record(/\[plugin:mine\] is left out: plugin mine: /)

    assert.match(record, why)
    assert.deepEqual((await running.client.call('numwatchers'))['numwatchers'], 1)
  })
}

test('a command is for admins unless it declares less', async () => {
  await using running = await startWith(
    `for (const [name, fields] of Object.entries({ a: {}, b: { readOnly: true }, c: { role: 'view' } }))
      circus.command({ name, summary: '', properties: none, execute: () => ({}), ...fields })`,
  )
  const as = (name: string, role: 'view' | 'operate') =>
    running.arbiter.commands.dispatch(name, {}, { via: 'channel', name: 'test', role })

  await assert.rejects(as('a', 'operate'), { code: 'ERR_ROLE_TOO_LOW' })
  await assert.rejects(as('b', 'operate'), { code: 'ERR_ROLE_TOO_LOW' })
  await as('c', 'view')
})
