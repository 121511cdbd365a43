import assert from 'node:assert/strict'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { test } from 'node:test'
import { startArbiter, untilTrue } from '../../harness/index.ts'

const collect = `
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineStream, NotAllTaken } from 'circusd'
import { integer, optionsTable, required, text } from 'circusd/plugins/streams'

export class Collect {
  constructor(options, context) {
    this.file = join(context.folder, options.file)
    appendFileSync(this.file, [context.watcher, context.kind, JSON.stringify(options)].join(' ') + '\\n')
  }
  write(pieces) {
    for (const { data, pid, kind } of pieces) appendFileSync(this.file, kind + ' ' + pid + ' ' + data)
  }
  close() {
    appendFileSync(this.file, 'closed')
  }
}

export const shout = defineStream({
  name: 'shout',
  options: optionsTable({ file: required(text('the file', undefined)), times: integer('how often', 1, { min: 1, max: 9 }) }),
  create: ({ file, times }, { folder }) => ({
    write(pieces) {
      for (const { data } of pieces) appendFileSync(join(folder, file), String(data).toUpperCase().repeat(times))
    },
  }),
})

export const arrow = (options) => options
export const number = 1
`

test('a class from a module beside the ini gets its options as texts, what it is for, and all that is written', async () => {
  const ini = `[watcher:web]
cmd = sh -c 'echo one; echo two >&2; exec sleep 1000'
stdout_stream.class = ./streams.ts:Collect
stdout_stream.file = stdout
stderr_stream.class = ./streams.ts:Collect
stderr_stream.file = stderr
stderr_stream.any_thing = 5
`
  await using running = await startArbiter(ini, { files: { 'streams.ts': collect } })
  const { arbiter, folder } = running
  const read = (name: string) => (existsSync(folder.path(name)) ? readFileSync(folder.path(name), 'utf8') : '')
  const [pid] = arbiter.watcher('web').pids
  await untilTrue(() => read('stdout').includes('one') && read('stderr').includes('two'))
  await arbiter.remove('web')

  assert.equal(read('stdout'), `web stdout {"file":"stdout"}\nstdout ${pid} one\nclosed`)
  assert.equal(read('stderr'), `web stderr {"file":"stderr","any_thing":"5"}\nstderr ${pid} two\nclosed`)
})

test('what defineStream makes gets options that its schema has read', async () => {
  const ini = `[watcher:web]
cmd = sh -c 'echo one; exec sleep 1000'
stdout_stream.class = ./streams.ts:shout
stdout_stream.file = out
stdout_stream.times = 2
`
  await using running = await startArbiter(ini, { files: { 'streams.ts': collect } })
  const file = running.folder.path('out')
  await untilTrue(() => existsSync(file) && statSync(file).size > 0)

  assert.equal(readFileSync(file, 'utf8'), 'ONE\nONE\n')
})

test('a package that is a plugin brings a stream class by its name', async () => {
  const files = {
    'node_modules/circusd-plugin-loud/package.json':
      '{ "name": "circusd-plugin-loud", "type": "module", "main": "index.js" }',
    'node_modules/circusd-plugin-loud/index.js': `
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { definePlugin, defineStream } from 'circusd'
const loud = defineStream({
  name: 'LoudStream',
  create: (options, { folder }) => ({
    write: (pieces) => pieces.forEach(({ data }) => appendFileSync(join(folder, 'loud'), String(data).toUpperCase())),
  }),
})
export default definePlugin({ name: 'loud', kernel: true, setup: (circus) => circus.stream(loud) })
`,
  }
  const ini = `[plugin:loud]
use = loud
[watcher:web]
cmd = sh -c 'echo hello; exec sleep 1000'
stdout_stream.class = LoudStream
`
  await using running = await startArbiter(ini, { files })
  const file = running.folder.path('loud')
  await untilTrue(() => existsSync(file))

  assert.equal(readFileSync(file, 'utf8'), 'HELLO\n')
})

test('a class that cannot be had, or refuses its options, is told with what to write', async () => {
  const files = { 'streams.ts': collect, 'broken.ts': 'export const x = (' }
  await using running = await startArbiter('[circus]\n', { files })
  const wrong = [
    [
      { class: './missing.ts:Collect' },
      /stdout_stream\.class = \.\/missing\.ts:Collect: \.\/missing\.ts was not found from .*: neither a file nor a package/,
    ],
    [{ class: 'no-such-package:Collect' }, /no-such-package was not found from/],
    [{ class: './broken.ts:x' }, /broken\.ts cannot be loaded: /],
    [{ class: './streams.ts:Colect' }, /\.\/streams\.ts exports no Colect; it exports Collect, arrow, number, shout/],
    [{ class: './streams.ts:arrow' }, /arrow is no stream class: write export class NAME/],
    [{ class: './streams.ts:number' }, /number is no stream class: write export class NAME/],
    [{ class: './streams.ts' }, /no such class; .* MODULE:NAME/],
    [
      { class: './streams.ts:shout', file: 'x', times: '0' },
      /stdout_stream\.times = 0: it must be an integer from 1 to 9/,
    ],
    [{ class: './streams.ts:shout' }, /stdout_stream\.file is missing: shout needs it/],
    [
      { class: './streams.ts:shout', tims: '1' },
      /stdout_stream\.tims = 1: no option of shout, it is ignored; did you mean stdout_stream\.times\?/,
    ],
  ] as const
  for (const [stdout_stream, message] of wrong) {
    const adding = running.client.call('add', { name: 'w', cmd: 'true', options: { stdout_stream } })
    await assert.rejects(adding, { code: 'ERR_STREAM_INVALID', message })
  }
})

const gate = `
import { appendFileSync } from 'node:fs'
export class Gate {
  constructor({ file }) {
    this.file = file
  }
  async write(pieces) {
    await globalThis.gate
    for (const { data } of pieces) appendFileSync(this.file, data)
  }
}
`

const writer = `
import { writeFileSync, writeSync } from 'node:fs'
const [, , lines, done] = process.argv
const line = 'x'.repeat(99) + '\\n'
for (let n = 0; n < lines; n++) writeSync(1, line)
writeFileSync(done, '')
setInterval(() => {}, 60_000)
`

test('a stream that is slow makes its writer wait, loses nothing, and holds up no other', async () => {
  const opened = Promise.withResolvers<void>()
  Object.assign(globalThis, { gate: opened.promise })
  const ini = ['slow', 'other'].map(
    (name) => `[watcher:${name}]
cmd = ${process.execPath} FOLDER/writer.mjs 80000 FOLDER/${name}.done
stdout_stream.filename = FOLDER/${name}
`,
  )
  ini[0] += 'stdout_stream.class = FOLDER/gate.ts:Gate\n'
  const files = { 'gate.ts': gate, 'writer.mjs': writer }
  await using running = await startArbiter(ini.join('').replaceAll('filename = FOLDER/slow', 'file = FOLDER/slow'), {
    files,
  })
  const { folder, events } = running
  const size = (name: string) => (existsSync(folder.path(name)) ? statSync(folder.path(name)).size : 0)
  await untilTrue(() => size('other') === 8_000_000 && existsSync(folder.path('other.done')))

  assert.equal(existsSync(folder.path('slow.done')), false)
  assert.equal(size('slow'), 0)
  opened.resolve()
  await untilTrue(() => size('slow') === 8_000_000)
  assert.deepEqual(
    events.of('slow').filter((event) => event === 'output_failed'),
    [],
  )
})

const misbehaving = `
const never = new Promise(() => {})
export class Constructor { constructor() { throw new Error('no constructor today') } write() {} }
export class Nothing { }
export class Throws { write() { throw new Error('no write today') } }
export class Rejects { async write() { throw 'no text of an error' } }
export class Never { write() { return never } }
export class NeverCloses { write() {} close() { return never } }
export class ClosingThrows { write() {} close() { throw new Error('no close today') } }
export class Blocks { write() { for (const end = Date.now() + 200; Date.now() < end; ); } }
`

test('whatever a stream class does wrong is logged with its name, and everything else goes on', async () => {
  const classes = ['Constructor', 'Nothing', 'Throws', 'Rejects', 'Never', 'NeverCloses', 'ClosingThrows', 'Blocks']
  const watchers = classes.map(
    (name) => `[watcher:${name}]
cmd = sh -c 'while :; do echo line; sleep 0.05; done'
stdout_stream.class = ./streams.ts:${name}
`,
  )
  const good = `[watcher:good]
cmd = sh -c 'while :; do echo line; sleep 0.05; done'
stdout_stream.filename = FOLDER/good
`
  await using running = await startArbiter(good + watchers.join(''), { files: { 'streams.ts': misbehaving } })
  const { arbiter, client, events, folder, log } = running
  for (const words of [
    /error .*stdout_stream of Constructor: no constructor today/,
    /error .*stdout_stream of Nothing: .*it has no write\(pieces\)/,
    /error .*stdout_stream of Throws: no write today/,
    /error .*stdout_stream of Rejects: no text of an error/,
    /error .*stdout_stream of Never: nothing was written for 5 seconds/,
    /warning .*stdout_stream of Blocks: its stream kept the event loop busy for \d+ ms/,
  ]) {
    await log.record(words)
  }
  for (const name of ['constructor', 'nothing', 'throws', 'rejects', 'never'])
    await events.event(`${name}.output_failed`)
  const { size } = statSync(folder.path('good'))
  await untilTrue(() => statSync(folder.path('good')).size > size + 20)
  const { pids } = await client.call<{ pids: number[] }>('list', { name: 'never' })
  assert.equal(pids.length, 1)
  assert.equal(
    arbiter.watchers.every(({ status }) => status === 'active'),
    true,
  )

  await arbiter.stop('the test')
  await log.record(/error .*stdout_stream of ClosingThrows: no close today/)
})
