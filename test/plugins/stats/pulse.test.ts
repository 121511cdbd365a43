import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PluginScope } from '../../../core/plugin/scope.ts'
import { Pulse } from '../../../plugins/stats/pulse.ts'
import { LogRecorder } from '../../harness/index.ts'

test('beats are told when they were due, so that each falls into a second of its own, however late they are', async () => {
  const scope = new PluginScope('stats', new LogRecorder().log)
  const told: number[] = []
  const done = Promise.withResolvers<void>()
  const pulse = new Pulse(scope, async (at) => {
    told.push(at)
    if (told.length === 8) done.resolve()
    // Somebody else keeps the event loop past the time of the next beat, more and more.
    const until = performance.now() + 100 + told.length * 9
    setTimeout(() => {
      while (performance.now() < until);
    }, 10)
  })
  pulse.every(0.1)
  await done.promise
  scope.end()
  for (const at of told) {
    const beats = (at - told[0]!) / 0.1
    assert.ok(Math.abs(beats - Math.round(beats)) < 0.08, `${told}`)
  }
})
