import assert from 'node:assert/strict'
import test, { after, before, describe } from 'node:test'
import { commandLoaders } from '../../../cli/circusctl/commands/index.ts'
import { type RunningConsole, startConsole } from './console.ts'
import { mustBe } from './must-be.ts'
import type { Visitor } from './visitor.ts'

const mine = `import { z } from 'zod'
export default { name: 'mine', setup(circus) {
  circus.command({ name: 'sum', summary: 'Add up.', role: 'view', readOnly: true,
    properties: z.object({ terms: z.array(z.string()), by: z.number().default(1), loud: z.boolean().default(false) }),
    execute: (_, { terms, by, loud }) => ({ terms, by, loud }) })
} }`

describe('the REST interface', () => {
  let running: RunningConsole
  let admin: Visitor
  before(async () => {
    const ini = '[watcher:web]\ncmd = sleep 1000\n[plugin:mine]\nuse = ./mine.mjs\n'
    running = await startConsole(ini, '', {
      files: { 'mine.mjs': mine.replace("'zod'", JSON.stringify(import.meta.resolve('zod'))) },
    })
    admin = await running.admin()
  })
  after(() => running[Symbol.asyncDispose]())

  test('has every command that circusctl sends, by the same name, with the same reply', async () => {
    const { commands } = (await admin.ask('api/commands')).json
    const local = ['commands', 'completion', 'discover', 'events', 'keys', 'listen', 'logs', 'plugins', 'users', 'wait']
    const sent = Object.keys(commandLoaders).filter((name) => !local.includes(name))
    assert.deepEqual(
      sent.filter((name) => !Object.hasOwn(commands, name)),
      [],
    )
    for (const [name, { readOnly }] of Object.entries<{ readOnly: boolean }>(commands)) {
      const answer = readOnly ? await admin.post(`api/${name}`) : await admin.ask(`api/${name}`)
      assert.deepEqual([name, answer.status], [name, 405])
    }
    const [here, { status: _, id: __, time: ___, ...there }] = [
      (await admin.ask('api/options?name=web')).json,
      await running.client.call('options', { name: 'web' }),
    ]
    assert.deepEqual(here, there)
    assert.deepEqual((await admin.ask('api/status')).json.statuses, { web: 'active' })
    assert.deepEqual((await admin.ask('api/status?name=web')).json, { status: 'active' })
  })

  test('a query is read as the command wants it, and the body as it is', async () => {
    const { json } = await admin.ask('api/sum?terms=a&by=2.5&loud=true')
    assert.deepEqual(json, { terms: ['a'], by: 2.5, loud: true })
    assert.deepEqual((await admin.ask('api/sum?terms=a&terms=b')).json.terms, ['a', 'b'])
    assert.equal((await admin.ask('api/sum?terms=a&by=two')).json.error.code, 'ERR_PROPERTIES_INVALID')
    assert.deepEqual((await admin.post('api/incr', { name: 'web', nb: 2, waiting: true })).json, { numprocesses: 3 })
    assert.deepEqual(Object.keys((await admin.ask('api/get?name=web&keys=cmd')).json.options), ['cmd'])
  })

  test('what goes wrong has the code of the kernel and a fitting status', async () => {
    const asked = async (path: string, body?: object) => {
      const { status, json } = body ? await admin.post(path, body) : await admin.ask(path)
      return [status, json.error.code]
    }
    assert.deepEqual(await asked('api/list?name=nobody'), [404, 'ERR_WATCHER_UNKNOWN'])
    assert.deepEqual(await asked('api/nothing'), [404, 'ERR_COMMAND_UNKNOWN'])
    assert.deepEqual(await asked('api/incr', {}), [400, 'ERR_PROPERTY_MISSING'])
    assert.deepEqual(await asked('api/set', { name: 'web', options: { numproceses: 1 } }), [400, 'ERR_OPTION_UNKNOWN'])
    assert.deepEqual(await asked('api/add', { name: 'web', cmd: 'sleep 1' }), [409, 'ERR_WATCHER_EXISTS'])
    const failing = { name: 'failing', cmd: 'nothing-of-that-name', start: true, waiting: true }
    assert.deepEqual(await asked('api/add', failing), [500, 'ERR_SPAWN_FAILED'])
  })

  test('a configuration with errors is refused with all of them, and nothing has changed', async () => {
    running.folder.write('circus.ini', '[watcher:web]\nnumprocesses = many\nmax_retry = often\n')
    const { status, json } = await admin.post('api/reloadconfig', { waiting: true })
    assert.deepEqual([status, json.error.code], [422, 'ERR_CONFIG_INVALID'])
    for (const word of ['numprocesses', 'max_retry']) assert.match(json.error.message, new RegExp(word))
    assert.equal(running.arbiter.watcher('web').status, 'active')
  })

  test('OpenAPI tells of all of it, the commands of plugins included', async () => {
    const { json } = await admin.ask('api/openapi.json')
    assert.equal(json.openapi, '3.1.0')
    const { sum, incr, history } = Object.fromEntries(
      ['sum', 'incr', 'history'].map((name) => [name, json.paths[`/api/${name}`]]),
    )
    assert.deepEqual(
      sum.get.parameters.map(({ name, in: where, required }: Record<string, unknown>) => [name, where, required]),
      [
        ['terms', 'query', true],
        ['by', 'query', false],
        ['loud', 'query', false],
      ],
    )
    assert.match(sum.get.description, /role view.*plugin mine/)
    assert.deepEqual(Object.keys(incr.post.requestBody.content['application/json'].schema.properties), [
      'name',
      'nb',
      'waiting',
    ])
    assert.ok(history.get)
    for (const path of ['session', 'live', 'follow', 'output', 'openapi.json'])
      assert.ok(json.paths[`/api/${path}`], path)
    mustBe(json)
  })

  test('what is long comes compressed', async () => {
    const { headers } = await admin.ask('api/openapi.json', { headers: { 'accept-encoding': 'gzip, br' } })
    assert.ok(['br', 'gzip'].includes(String(headers['content-encoding'])))
  })
})
