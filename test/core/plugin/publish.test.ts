import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startArbiter } from '../../harness/index.ts'

for (const isolate of [false, true]) {
  test(`a plugin publishes events of watchers, ${isolate ? 'from a process of its own' : 'in the daemon'}`, async () => {
    const source = `export default { name: 'herald', setup(circus) {
      circus.on('herald', ({ watcher, why }) => circus.publish(watcher, 'heard', { why }))
      circus.publish('My Web', 'herald', { why: 'because' })
    } }`
    await using running = await startArbiter(`[plugin:herald]\nuse = ./herald.ts\nisolate = ${isolate}\n`, {
      files: { 'herald.ts': source },
    })
    const { payload } = await running.events.event('my_web.heard')
    assert.equal(payload['why'], 'because')
  })
}

test('an event that is published by the command has a lower-case word for a name', async () => {
  await using running = await startArbiter('')
  const publish = (event: unknown) => running.client.call('publish', { name: 'web', event })
  await publish('seen')
  await running.events.event('web.seen')
  for (const event of ['', 'a.b', 'Seen', 7, 'x'.repeat(101)]) {
    await assert.rejects(publish(event), /'event' must be a lower-case word/, String(event))
  }
})
