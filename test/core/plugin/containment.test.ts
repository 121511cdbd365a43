import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EventSubscriber } from '../../../core/index.ts'
import { PluginScope } from '../../../core/plugin/scope.ts'
import { LogRecorder, type RunningArbiter, startArbiter } from '../../harness/index.ts'

/** A daemon with a plugin that does `setup`, and a watcher. */
function startWith(setup: string, options = ''): Promise<RunningArbiter> {
  const source = `export default { name: 'bad', kernel: true, setup(circus) { ${setup} } }`
  return startArbiter(`[watcher:web]\ncmd = sleep 60\n${options}\n[plugin:bad]\nuse = ./bad.ts\n`, {
    files: { 'bad.ts': source },
  })
}

const failures = ({ arbiter }: RunningArbiter): number => {
  const [plugin] = arbiter.plugins.loaded
  return plugin?.where === 'daemon' ? plugin.scope.failures : Number.NaN
}

for (const [what, tap] of [
  ['throws', `tap('bad', () => { throw new Error('ouch') })`],
  ['rejects', `tapPromise('bad', async () => { throw new Error('ouch') })`],
  ['throws in place of a promise', `tapPromise('bad', () => { throw new Error('ouch') })`],
  ['calls back with an error', `tapAsync('bad', (watcher, done) => done(new Error('ouch')))`],
] as const) {
  test(`a tap that ${what} is logged, counted and passed over, and those after it are called`, async () => {
    await using running = await startWith(
      `circus.hooks.beforeStart.${tap}; circus.hooks.beforeStart.tap('bad', () => circus.log.info('next'))`,
    )
    await running.log.record(/^error plugins: bad: its tap of beforeStart failed: ouch$/)
    await running.log.record(/^info plugins: bad: next$/)
    assert.equal(failures(running), 1)
    assert.equal(running.arbiter.watcher('web').status, 'active')
  })
}

test('a tap that hangs is passed over when its time is over', async () => {
  await using running = await startWith(
    `circus.hooks.beforeStart.tapPromise({ name: 'bad', timeoutMs: 50 }, () => new Promise(() => {}))`,
  )
  await running.log.record(/bad: its tap of beforeStart failed: no end after 0\.05 s/)
  assert.equal(running.arbiter.watcher('web').status, 'active')
})

test('only false vetoes: other values of a tap of a veto hook mean nothing', async () => {
  await using running = await startWith(
    `for (const value of [0, null, '', true]) circus.hooks.beforeStart.tap('bad', () => value)`,
  )
  assert.equal(running.arbiter.watcher('web').status, 'active')
  await using vetoed = await startWith(`circus.hooks.beforeStart.tap('bad', () => false)`)
  assert.equal(vetoed.arbiter.watcher('web').status, 'stopped')
})

test('a tap and a listener that block the event loop are named in the log with how long', async () => {
  const block = `const end = Date.now() + 150; while (Date.now() < end);`
  await using running = await startWith(
    `circus.hooks.beforeStart.tap('bad', () => { ${block} }); circus.on('start', () => { ${block} })`,
  )
  await running.log.record(/^warning plugins: bad: its tap of beforeStart kept the event loop busy for \d+ ms$/)
  await running.log.record(/^warning plugins: bad: the listener for start kept the event loop busy for \d+ ms$/)
})

test('listeners that throw, reject or hang keep nobody else from hearing', async () => {
  await using running = await startWith(`
    circus.on('start', () => { throw new Error('one') })
    circus.on('start', async () => { throw new Error('two') })
    circus.on('start', () => new Promise(() => {}))
    circus.on('web.start', () => circus.log.info('heard by name'))
    circus.on('*', ({ event, watcher }) => event === 'start' && circus.log.info('heard ' + watcher))`)

  await running.log.record(/the listener for start failed: one/)
  await running.log.record(/the listener for start failed: two/)
  await running.log.record(/heard by name/)
  await running.log.record(/heard web/)
  assert.equal(failures(running), 2)
})

test('a timer that throws goes on, and is not called again while it runs', async () => {
  await using running = await startWith(`
    let calls = 0
    circus.every(0.01, () => { if (++calls < 3) throw new Error('tick ' + calls); circus.log.info('tock') })
    let running = 0
    circus.every(0.005, async () => {
      if (running++ > 0) circus.log.info('overlap')
      await new Promise((resolve) => setTimeout(resolve, 30))
      running--
    })`)
  await running.log.record(/tock/, { count: 5 })
  assert.deepEqual(running.log.matching(/tick \d$/).length, 2)
  assert.deepEqual(running.log.matching(/overlap/), [])
})

test('a plugin that floods the daemon with events and commands leaves it answering', async () => {
  await using running = await startWith(`
    circus.on('start', () => {
      for (let i = 0; i < 2000; i++) {
        circus.publish('web', 'noise', { i })
        circus.cast('status', {})
        circus.cast('nonsense', {})
      }
    })`)
  const { status } = await running.client.call<{ status: string }>('status', { name: 'web' })
  assert.equal(status, 'active')
  assert.equal(running.events.all.filter(({ event }) => event === 'noise').length, 2000)
})

test('a listener that publishes what it listens to comes to an end', async () => {
  await using running = await startWith(`circus.on('start', () => circus.publish('web', 'start'))`)
  const { numwatchers } = await running.client.call<{ numwatchers: number }>('numwatchers')
  assert.equal(numwatchers, 1)
})

test('unloading ends taps, listeners, timers and commands, and calls the disposer', async () => {
  await using running = await startWith(`
    circus.hooks.beforeStart.tap('bad', () => circus.log.info('tap'))
    circus.on('*', () => circus.log.info('listener'))
    circus.every(0.005, () => circus.log.info('interval'))
    circus.after(0.05, () => circus.log.info('timeout'))
    circus.signal.addEventListener('abort', () => circus.log.info('aborted'))
    return () => circus.log.info('disposed')`)
  await running.log.record(/interval/)
  assert.ok(running.log.matching(/bad: (tap|listener)/).length >= 2)

  await running.arbiter.plugins.unload('bad')
  const from = running.log.all.length
  await running.arbiter.watcher('web').restart()
  // Longer than any of its timers: nothing tells that something does not happen.
  await new Promise((resolve) => setTimeout(resolve, 60))

  assert.deepEqual(
    running.log.all.slice(from).filter((record) => /plugins: bad/.test(record)),
    [],
  )
  assert.deepEqual(running.log.matching(/disposed|aborted/), [
    'info plugins: bad: disposed',
    'info plugins: bad: aborted',
  ])
  assert.deepEqual(running.arbiter.plugins.loaded, [])
})

test('a plugin that has ended starts no timers, which would keep the program alive', () => {
  const scope = new PluginScope('bad', new LogRecorder().log)
  const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length
  const before = timers()
  scope.end()
  scope.every(60, () => {})
  scope.after(60, () => {})()
  scope.after(60, () => {})
  assert.equal(timers(), before)
})

test('a failure of a plugin is published on the event channel', async () => {
  await using running = await startArbiter('[watcher:web]\ncmd = sleep 60\n[plugin:bad one]\nuse = ./bad.ts\n', {
    files: {
      'bad.ts': `export default { name: 'bad', setup(circus) { circus.on('stop', () => { throw new Error('no') }) } }`,
    },
  })
  await using subscriber = new EventSubscriber({ endpoint: running.arbiter.endpoints.events, topics: ['plugin.'] })
  await subscriber.ready()
  await running.client.call('stop', { name: 'web', waiting: true })
  for await (const { topic, payload } of subscriber) {
    assert.equal(topic, 'plugin.bad_one.failure')
    assert.deepEqual([payload['what'], payload['error'], payload['failures']], ['the listener for stop', 'no', 1])
    break
  }
})

test('a command that a tap refuses is refused, and that is no failure of the plugin', async () => {
  const refuses = `export default { name: 'bad', kernel: true, setup({ hooks }) {
    hooks.command.tap('bad', (call) => { if (call.name === 'quit') call.refuse('not today') })
    hooks.command.tapPromise('bad', async (call) => { if (call.name === 'restart') call.refuse('nor tomorrow') })
  } }`
  await using running = await startArbiter('[plugin:bad]\nuse = ./bad.ts\n', { files: { 'bad.ts': refuses } })
  await assert.rejects(running.client.call('quit'), { code: 'ERR_FORBIDDEN', message: /not today/ })
  await assert.rejects(running.client.call('restart'), { code: 'ERR_FORBIDDEN', message: /nor tomorrow/ })
  assert.deepEqual(running.log.matching(/failed/), [])
})
