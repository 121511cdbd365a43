import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startPlugin, ways } from '../../plugins/ways.ts'

/** Hears of failures and fails at that, and whenever a watcher is updated. */
const both = `export default {
  name: 'both',
  setup(circus) {
    circus.on('updated', () => { throw new Error('out of paper') })
    circus.onPluginFailure(({ plugin, what, error, failures }) => {
      circus.log.info('heard ' + JSON.stringify([plugin, what, error, failures]))
      throw new Error('cannot bear it')
    })
  },
}`

for (const way of ways) {
  test(`${way}: plugins hear of the failures of others, not of their own, and not of failures to hear`, async () => {
    const ini = '[plugin:two]\nuse = ./both.ts\n[watcher:web]\ncmd = sleep 60\n'
    await using running = await startPlugin(way, 'one', 'use = ./both.ts', ini, { 'both.ts': both })
    const { client, log } = running

    await client.call('set', { name: 'web', options: { graceful_timeout: 1 } })
    await client.call('set', { name: 'web', options: { graceful_timeout: 2 } })

    const heard = (hearer: string, other: string) =>
      new RegExp(`${hearer}: heard \\["${other}","the listener for updated","out of paper",\\d+\\]`)
    await log.record(heard('one', 'two'), { count: 2 })
    await log.record(heard('two', 'one'), { count: 2 })
    await log.record(/the listener for failures of plugins failed: cannot bear it/, { count: 4 })
    assert.equal(log.matching(/heard /).length, 4)
  })
}
