import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ReplyError, runPlugin } from '../../../core/index.ts'
import { isAlive, type RunningArbiter, startArbiter } from '../../harness/index.ts'

const source = `import { z } from '${import.meta.resolve('zod')}'
  import { Accepted, KernelError } from 'circusd'
  const none = z.object({})
  let waiting = 0
  let go
  const all = new Promise((resolve) => { go = resolve })
  export default { name: 'mine', setup(circus) {
    const add = (name, execute, more) => circus.command({ name, summary: 'Do ' + name + '.', properties: none, execute, ...more })
    add('backup', ({ caller }, given) => ({ ...given, caller, pid: process.pid }), {
      role: 'operate', properties: z.object({ name: z.string().describe('whose'), nb: z.number().default(3) }),
    })
    add('secrets', () => ({ options: { password: 'x' } }), { role: 'view', showsOptions: true, readOnly: true, panel: 'Secrets' })
    add('throws', () => { throw new Error('ouch') })
    add('refuses', () => { throw new KernelError('ERR_PROPERTY_INVALID', ['name', 'a backup', 'x']) })
    add('asks', () => circus.call('status', { name: 'nobody' }))
    add('works', () => new Accepted(Promise.resolve({ done: true }), { begun: true }))
    add('breaks', () => new Accepted(Promise.reject(new Error('late')), { begun: true }))
    add('kernel', ({ arbiter }) => arbiter.watchers)
    add('together', async (context, { nb }) => { if (++waiting === 100) go(); await all; return { nb } },
      { properties: z.object({ nb: z.number() }) })
    add('crashes', () => process.kill(process.pid, 'SIGKILL'))
    add('again', () => { add('more', () => ({})); return {} })
  } }`
const files = { 'mine.ts': source }
const ini = (isolate: boolean) =>
  `[watcher:web]\ncmd = sleep 60\n[plugin:mine]\nuse = ./mine.ts\nisolate = ${isolate}\n`

/** A daemon with the plugin in a process of its own, once that is at work. */
async function startIsolated(): Promise<RunningArbiter> {
  await using stack = new AsyncDisposableStack()
  const running = stack.use(await startArbiter(ini(true), { files }))
  await untilOffered(running, 'backup')
  stack.move()
  return running
}

const commandsOf = async ({ client }: RunningArbiter) =>
  (await client.call<{ commands: Record<string, object> }>('commands')).commands

async function untilOffered(running: RunningArbiter, name: string): Promise<void> {
  while (!(name in (await commandsOf(running)))) await new Promise((resolve) => setImmediate(resolve))
}

async function refused(call: Promise<unknown>): Promise<ReplyError> {
  return call.then(
    (reply) => assert.fail(JSON.stringify(reply)),
    (error) => error,
  )
}

test('commands of a plugin in a process of its own are those it has in the daemon, and answer alike', async () => {
  await using isolated = await startIsolated()
  await using inDaemon = await startArbiter(ini(false), { files })

  assert.deepEqual(await commandsOf(isolated), await commandsOf(inDaemon))
  const as = { name: 'jane', role: 'operate' } as const
  for (const [command, properties] of [
    ['BACKUP', { name: 'web', unknown: 1 }],
    ['backup', {}],
    ['secrets', {}],
    ['throws', {}],
    ['refuses', {}],
    ['asks', {}],
    ['works', {}],
    ['works', { waiting: true }],
    ['breaks', {}],
    ['breaks', { waiting: true }],
  ] as const) {
    const [there, here] = await Promise.all(
      [isolated, inDaemon].map(async ({ client }) => {
        const { time, id, pid, ...reply } = await client
          .call(command, properties, command === 'works' || command === 'breaks' ? {} : { as })
          .catch(({ reply }: ReplyError) => reply)
        return reply
      }),
    )
    assert.deepEqual(there, here, command)
  }
  await isolated.log.record(/^error plugins: mine: .*throws failed: ouch|./)
  const { pid } = await isolated.client.call<{ pid: number }>('backup', { name: 'web' })
  assert.deepEqual(isolated.arbiter.watcher('plugin:mine').pids, [pid])
  const { plugins } = await isolated.client.call<{ plugins: { commands: string[] }[] }>('plugins')
  assert.ok(plugins[0]?.commands.includes('backup'))
})

test('its failures are counted, and its commands have no arbiter', async () => {
  await using running = await startIsolated()

  const { code, reason } = await refused(running.client.call('throws'))
  const kernel = await refused(running.client.call('kernel'))

  assert.equal(code, 'ERR_PLUGIN_FAILED')
  assert.match(reason, /^plugin mine: its command throws failed: ouch$/)
  assert.match(kernel.reason, /in a process of its own its commands have no arbiter: use circus\.call/)
  for (let failures = 0; failures === 0; ) {
    const { plugins } = await running.client.call<{ plugins: { failures: number }[] }>('plugins')
    failures = plugins[0]!.failures
  }
})

test('any number of clients are answered at a time', async () => {
  await using running = await startIsolated()

  const numbers = Array.from({ length: 100 }, (_, nb) => nb)
  const replies = await Promise.all(numbers.map((nb) => running.client.call<{ nb: number }>('together', { nb })))

  assert.deepEqual(
    replies.map(({ nb }) => nb),
    numbers,
  )
})

test('a process that dies leaves nobody waiting, and its successor answers what comes meanwhile', async () => {
  await using running = await startIsolated()
  const { client } = running
  const before = await client.call<{ pid: number }>('backup', { name: 'web' })

  const crash = refused(client.call('crashes', {}, { timeoutMs: 20_000 }))
  await running.events.event('plugin:mine.reap')
  const after = await client.call<{ pid: number }>('backup', { name: 'web' }, { timeoutMs: 20_000 })

  assert.notEqual(after.pid, before.pid)
  const { code, reason } = await crash
  assert.equal(code, 'ERR_PLUGIN_FAILED')
  assert.match(reason, new RegExp(`its process ${before.pid} is gone`))
})

test('a command that is contributed later is there later, and all end with the plugin', async () => {
  await using running = await startIsolated()
  await running.client.call('again')
  await untilOffered(running, 'more')
  assert.equal((await running.client.call('more'))['status'], 'ok')

  await running.arbiter.plugins.unload('mine')

  const names = Object.keys(await commandsOf(running))
  assert.deepEqual(
    names.filter((name) => ['backup', 'more'].includes(name)),
    [],
  )
})

test('a plugin that runs by hand has commands as well, until it ends', async () => {
  await using running = await startArbiter('[watcher:web]\ncmd = sleep 60\n', { files })
  const { control, events } = running.arbiter.endpoints
  const end = new AbortController()
  const use = running.folder.path('mine.ts')
  const common = { use, endpoint: control, pubsubEndpoint: events, log: running.log.log }
  const byHand = runPlugin({ ...common, signal: end.signal })
  await untilOffered(running, 'backup')

  const other = runPlugin({ ...common, name: 'other', signal: end.signal })

  await running.log.record(
    /^warning other: the daemon does not take .*: plugin other: .* backup already, of plugin mine/,
  )
  assert.equal((await running.client.call<{ pid: number }>('backup', { name: 'web' })).pid, process.pid)
  end.abort()
  await Promise.all([byHand, other])
  while ('backup' in (await commandsOf(running))) await new Promise((resolve) => setImmediate(resolve))
})

test('what is no command, and answers to nothing, harm nobody', async () => {
  await using running = await startIsolated()
  const { client } = running
  const offer = (command: unknown) => client.call('serve', { plugin: 'odd', pid: 1, commands: [command] })

  assert.match((await refused(offer({}))).reason, /the name of a command is a word in lower case, not undefined/)
  assert.match((await refused(offer({ name: 'odd', role: 'root' }))).reason, /one of view, operate, admin, not root/)
  assert.match((await refused(offer({ name: 'odd', role: 'view' }))).reason, /its properties are no JSON Schema/)
  assert.match((await refused(offer({ name: 'status', role: 'view', properties: {} }))).reason, /of the kernel/)
  const panel = { name: 'odd', role: 'view', properties: {}, panel: 'Odd' }
  assert.match((await refused(offer(panel))).reason, /write readOnly: true/)
  assert.match((await refused(offer(1))).reason, /must be a list of objects/)
  assert.match((await refused(client.call('serve', { pid: 1 }))).reason, /'plugin' is missing/)
  await client.call('serve', { plugin: 'mine', pid: 1, answers: [{ id: 1, fields: {} }, {}] })
  await client.call('serve', { plugin: 'nobody', pid: 1 })

  const { pid } = await client.call<{ pid: number }>('backup', { name: 'web' })
  assert.ok(isAlive(pid))
})
