import assert from 'node:assert/strict'
import test from 'node:test'
import { Router } from 'zeromq'
import { z } from 'zod'
import { UsageError } from '../../cli/circusctl/command.ts'
import { commandHelp } from '../../cli/circusctl/command-help.ts'
import { Daemon } from '../../cli/circusctl/daemon.ts'
import { splitConnection } from '../../cli/circusctl/extensions/remote-call.ts'
import { failureOf } from '../../cli/circusctl/failure.ts'
import { readOrExplain } from '../../cli/circusctl/mistake.ts'
import { remoteCommand, remoteCommands } from '../../cli/circusctl/remote-commands.ts'
import { replyText } from '../../cli/circusctl/reply-text.ts'
import { usage } from '../../cli/circusctl/usage.ts'
import { ReplyError } from '../../core/client.ts'
import { temporaryFolder } from '../harness/index.ts'

const command = (properties: z.ZodObject) =>
  remoteCommand('backup', {
    summary: 'Back up.',
    properties: JSON.parse(JSON.stringify(z.toJSONSchema(properties, { io: 'input', unrepresentable: 'any' }))),
    plugin: 'mine',
  })

/** The properties of the request that a line makes. */
function sent(properties: z.ZodObject, ...words: string[]): unknown {
  const { positionals, flags } = readOrExplain(command(properties), words)
  return command(properties).properties?.(positionals, flags)
}

test('required properties are arguments in their order, the others flags', () => {
  const properties = z.object({
    nb: z.number().default(1),
    name: z.string(),
    to: z.string(),
    at: z.string().optional(),
  })

  assert.deepEqual(sent(properties, 'web', 'there'), { name: 'web', to: 'there' })
  assert.deepEqual(sent(properties, '--to', 'there', 'web', '--nb=2'), { nb: 2, name: 'web', to: 'there' })
  assert.deepEqual(sent(properties, '--', '--web', '-t'), { name: '--web', to: '-t' })
  assert.equal(usage(command(properties)), 'circusctl backup NAME TO [--nb TEXT] [--at TEXT]')
})

for (const [what, schema, texts] of [
  ['a number', z.number(), { '1': 1, '-1.5': -1.5, '1e3': 1000, '0x10': null, x: null, '': null }],
  ['an integer', z.number().int(), { '1': 1, '-3': -3, '1.5': null, '1e3': null, '9007199254740993': null }],
  ['a number within bounds', z.number().min(1).max(9), { '1': 1, '9': 9, '0': null, '10': null }],
  ['a boolean', z.boolean(), { true: true, no: false, maybe: null }],
  ['an enum', z.enum(['full', 'diff']), { full: 'full', Full: null }],
  ['literals', z.literal(['a', 1]), { a: 'a', '1': 1, '2': null }],
  ['an object', z.record(z.string(), z.any()), { '{"a":1}': { a: 1 }, '[1]': null, x: null }],
  ['a tuple', z.tuple([z.string(), z.number()]), { '["a",1]': ['a', 1], x: null }],
  ['a number or null', z.number().nullable(), { '1': 1, null: null }],
  ['a number or a text', z.union([z.number(), z.string()]), { '1': 1, x: 'x' }],
  ['a number or a list', z.union([z.number(), z.array(z.string())]), { '1': 1, '["a"]': ['a'], x: null }],
  ['anything', z.any(), { '1': 1, x: 'x', '{"a":1}': { a: 1 } }],
  ['a date', z.coerce.date(), { '2026-01-02': '2026-01-02' }],
] as const) {
  test(`${what} is checked and sent with its type`, () => {
    const properties = z.object({ it: schema })
    for (const [text, value] of Object.entries(texts)) {
      const read = () => sent(properties, '--', text)
      if (value === null && text !== 'null') assert.throws(read, UsageError, text)
      else assert.deepEqual(read(), { it: value }, text)
    }
  })
}

test('lists are given by repeating: a required one comes last, others are flags', () => {
  const properties = z.object({ names: z.array(z.string()), loud: z.boolean(), ports: z.array(z.number()).optional() })

  assert.deepEqual(sent(properties, 'yes', 'a', 'b', '--ports', '1', '--ports', '2'), {
    loud: true,
    ports: [1, 2],
    names: ['a', 'b'],
  })
  assert.deepEqual(sent(properties, '--loud', '--names', 'a'), { loud: true, names: ['a'] })
  assert.throws(() => sent(properties, 'yes', 'a', '--ports', 'x'), /--ports must be a number, not 'x'/)
})

test('booleans have a flag, and one to say no where leaving it out is not no', () => {
  const properties = z.object({
    zip: z.boolean().default(true),
    all: z.boolean().default(false),
    waiting: z.boolean().optional(),
  })

  assert.deepEqual(sent(properties), {})
  assert.deepEqual(sent(properties, '--no-zip', '--all', '--waiting'), { zip: false, all: true, waiting: true })
  assert.throws(() => sent(properties, '--no-all'), /there is no flag --no-all/)
  assert.throws(() => sent(properties, '--all=1'), /--all takes no value/)
})

test('a property named like a flag of the connection has the command before its name', () => {
  const properties = z.object({ timeout: z.number().optional(), key: z.string() })

  assert.deepEqual(sent(properties, 'k', '--backup-timeout', '3'), { timeout: 3, key: 'k' })
  assert.deepEqual(sent(properties, '--backup-key', 'k'), { key: 'k' })
})

test('names that are prototype members are names like others', () => {
  const properties = { type: 'object', properties: JSON.parse('{"constructor":{"type":"string"},"__proto__":{}}') }
  const made = remoteCommand('backup', { properties })

  assert.deepEqual(made.properties?.([], { constructor: 'x' }), { constructor: 'x' })
  assert.deepEqual(made.properties?.([], {}), {})
})

test('whatever a daemon says of its commands makes commands', () => {
  for (const described of [{}, { properties: 1 }, { properties: { properties: [], required: 1 } }, { summary: {} }]) {
    assert.doesNotThrow(() => commandHelp(remoteCommand('odd', described as object)))
  }
  for (const schema of [
    null,
    1,
    { type: 7 },
    { enum: 3 },
    { anyOf: [] },
    { anyOf: [null] },
    { items: 1, type: 'array' },
  ]) {
    const properties = { properties: { it: schema }, required: ['it'] }
    const made = remoteCommand('odd', { properties } as object)
    assert.doesNotThrow(() => commandHelp(made))
    assert.doesNotThrow(() => made.properties?.(['x'], {}), JSON.stringify(schema))
  }
})

test('a property called help leaves --help what it is', () => {
  const properties = z.object({ help: z.boolean().default(false) })

  assert.deepEqual(sent(properties, '--backup-help'), { help: true })
})

test('a reply’s table is aligned, and no order to the terminal is in it nor in an error', () => {
  const rows = [
    { a: '日本', b: 1 },
    { a: '\u001b[2J', b: 10 },
  ]
  const error = new ReplyError({ status: 'error', reason: 'one\u001b[31m\ntwo', errno: 5 })

  assert.equal(replyText({ status: 'ok', rows }), 'A           B\n日本        1\n\\u001b[2J  10')
  assert.equal(failureOf('backup', error).text, 'error: one\\u001b[31m\ntwo')
})

test('help shows no orders to the terminal and runs no templates', () => {
  const properties = { properties: { a: { description: '\u001b[31mred\u0007\nnext' } } }
  const help = commandHelp(remoteCommand('backup', { summary: '<%= process.exit(9) %>\u001b]0;x\u0007', properties }))

  assert.equal(/[^\P{Cc}\n]/u.test(help), false)
  assert.match(help, /<%= process\.exit\(9\) %>/)
  assert.match(help, /\[31mred next/)
})

test('the flags of the connection are told from the other words', () => {
  assert.deepEqual(splitConnection(['a', '--endpoint', 'e', '--x', '--timeout=2', '--json', '--', '--json']), {
    line: { flags: { endpoint: ['e'], timeout: 2, json: true }, positionals: [] },
    words: ['a', '--x', '--', '--json'],
  })
  assert.throws(() => splitConnection(['--timeout', 'x']), UsageError)
})

test('replies are shown as text, table or lines', () => {
  const reply = (fields: object) => replyText({ status: 'ok', time: 1, id: '1', ...fields })

  assert.equal(reply({}), 'ok')
  assert.equal(reply({ text: 'two\nlines' }), 'two\nlines')
  assert.equal(
    reply({
      rows: [
        { name: 'a', size: 1 },
        { name: 'bcd', size: 22, more: true },
      ],
    }),
    'NAME  SIZE  MORE\na        1\nbcd     22  true',
  )
  assert.equal(reply({ a: 1, b: null, c: [1, 2], d: { e: 'f' } }), 'a: 1\nb: \nc: 1, 2\nd:\n  e: f')
  assert.equal(reply({ rows: [{ a: 1 }], n: 1 }), 'rows:\n  A\n  1\nn: 1')
  assert.equal(reply({ deep: [{ a: { b: 1 } }], none: [], empty: {} }), 'deep: [{"a":{"b":1}}]\nnone: \nempty: {}')
})

test('an original daemon has no such commands, and other refusals are told', async () => {
  using folder = temporaryFolder()
  const endpoint = `ipc://${folder.path('control')}`
  const router = new Router({ linger: 0 })
  await router.bind(endpoint)
  let errno = 2
  const answering = (async () => {
    for await (const [identity, frame] of router) {
      const { id } = JSON.parse(String(frame))
      await router.send([
        identity!,
        JSON.stringify({ id, status: 'error', reason: 'unknown command', errno, tb: null }),
      ])
    }
  })()
  try {
    await using daemon = new Daemon({ endpoint, timeoutMs: 5_000 })
    assert.deepEqual(await remoteCommands(daemon), [])
    errno = 5
    await assert.rejects(remoteCommands(daemon), { errno: 5 })
  } finally {
    router.close()
    await answering
  }
})
