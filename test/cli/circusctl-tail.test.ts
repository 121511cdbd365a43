import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Line, Tail, Writer } from '../../cli/circusctl/tail/ask.ts'
import { topicsOf } from '../../cli/circusctl/tail/ask.ts'
import { harmless } from '../../cli/circusctl/tail/harmless.ts'
import { LinePrinter } from '../../cli/circusctl/tail/line-printer.ts'
import { type Piece, Written } from '../../cli/circusctl/tail/written.ts'

const everything = { names: [], lines: 10, pid: undefined, stream: undefined, match: undefined }

/** What comes of what a daemon answers and publishes of one process, pid 7 of the watcher web, started at 1. */
function reading() {
  const told: string[] = []
  const written = new Written(everything, {
    lines: (lines) => void told.push(...lines.map(({ line }) => line)),
    gap: ({ bytes }) => void told.push(`<${bytes}>`),
  })
  let time = 10
  const answer = (text: string, { from = 0, started = 1, running = true, ends = 0, ...rest } = {}, isFirst = false) => {
    const lines: Line[] = []
    let sequence = from
    for (const part of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
      sequence += part.length
      const unfinished = part.endsWith('\n') ? {} : { unfinished: true as const }
      const common = { watcher: 'web', wid: 1, pid: 7, stream: 'stdout' as const, time: ++time }
      lines.push({ ...common, sequence, line: part.replace('\n', ''), ...unfinished })
    }
    const writer: Writer = {
      watcher: 'web',
      wid: 1,
      pid: 7,
      started,
      running,
      sequence: ends || sequence,
      kept_from: from,
      ...rest,
    }
    const tail: Tail = { watchers: ['web'], processes: [writer], lines, truncated: false, time: ++time }
    written.answer(tail, isFirst)
  }
  const piece = (data: string, sequence: number, changes: Partial<Piece> = {}): Piece => ({
    watcher: 'web',
    wid: 1,
    pid: 7,
    stream: 'stdout',
    sequence,
    bytes: data.length,
    starts_line: true,
    data,
    time: ++time,
    ...changes,
  })
  return { told, written, answer, piece }
}

test('what is in the answer and comes as a piece as well is there once', () => {
  const { told, written, answer, piece } = reading()
  const early = piece('one\n', 4)
  answer('one\ntwo\n', {}, true)
  assert.equal(written.add(early), true)
  assert.equal(written.add(piece('three\n', 14)), true)
  answer('one\ntwo\nthree\nfour\n')
  assert.deepEqual(told, ['one', 'two', 'three', 'four'])
})

test('what is missing before a piece is asked for, and told when it is not to be had', () => {
  const { told, written, answer, piece } = reading()
  answer('one\n', {}, true)
  const late = piece('four\n', 19)
  assert.equal(written.add(late), false)
  answer('one\ntwo\nthree\nfour\n')
  assert.equal(written.add(late), true)
  assert.deepEqual(told, ['one', 'two', 'three', 'four'])

  assert.equal(written.add(piece('six\n', 28, { dropped: 5 })), true)
  assert.equal(written.add(piece('of nine\n', 50, { starts_line: false }), true), true)
  answer('later\n', { from: 90 })
  assert.deepEqual(told.slice(4), ['<5>', 'six', '<14>', '…of nine', '<40>', 'later'])
})

test('what a long answer leaves out is told, too', () => {
  const { told, written, answer } = reading()
  answer('one\n', {}, true)
  answer('one\ntwo\nthree\n')
  const writer = { watcher: 'web', wid: 1, pid: 7, started: 1, running: true, sequence: 119, kept_from: 0 }
  const line = { watcher: 'web', wid: 1, pid: 7, stream: 'stdout', time: 99, sequence: 119, line: 'last' } as const
  written.answer({ watchers: ['web'], processes: [writer], lines: [line], truncated: true, time: 100 })
  assert.deepEqual(told, ['one', 'two', 'three', '<100>', 'last'])
})

test('a line without an end waits for it, or until nothing comes', () => {
  const { told, written, answer, piece } = reading()
  answer('one\ntw', {}, true)
  assert.deepEqual([told, written.holds], [['one'], true])
  written.add(piece('o\nth', 10, { starts_line: false }))
  assert.deepEqual(told, ['one', 'two'])
  written.flush()
  written.add(piece('ree\n', 14, { starts_line: false }))
  assert.deepEqual(told, ['one', 'two', 'th', 'ree'])
})

test('a line that the daemon still holds back comes once more when it has more to it, and only then', () => {
  for (const [rest, last] of [
    ['no end\n', []],
    ['no end, or is it?\n', ['no end, or is it?']],
  ] as const) {
    const { told, written, answer, piece } = reading()
    answer('one\nno end', { ends: 4 }, true)
    written.flush()
    written.flush()
    written.add(piece(rest, 4 + rest.length))
    assert.deepEqual(told, ['one', 'no end', ...last])
  }
})

test('another process with the same pid begins anew', () => {
  const { told, written, answer, piece } = reading()
  answer('one\ntwo\n', {}, true)
  written.add(piece('uno\n', 4))
  assert.deepEqual(told, ['one', 'two', 'uno'])

  answer('ichi\nni\nsan\n', { started: 1_000 })
  assert.deepEqual(told.slice(3), ['ichi', 'ni', 'san'])
})

test('topics are as narrow as names allow', () => {
  const topics = (names: string[], match?: string, pid?: number) => topicsOf({ ...everything, names, match, pid })
  assert.deepEqual(topics([]), ['output.'])
  assert.deepEqual(topics(['My Web', 'wo*']), ['output.my_web.', 'output.wo'])
  assert.deepEqual(topics(['wo*'], 'simple'), ['output.wo*.'])
  assert.deepEqual(topics(['wo.*'], 'regex'), ['output.'])
  assert.deepEqual(topics(['web'], undefined, 7), ['output.web.', 'watcher.'])
})

test('what could take a terminal over is written out; colours are let through and ended', () => {
  const shown = (line: string, colours = true) => harmless(line, { colours })
  assert.equal(shown('plain\ttext ü 語'), 'plain\ttext ü 語')
  assert.equal(shown('\x1b[1;38:5:9mred'), '\x1b[1;38:5:9mred\x1b[0m')
  assert.equal(shown('\x1b[31mred\x1b[m', false), 'red')
  assert.equal(shown('\x1b[2J\x1b]0;x\x07\x9b31m\r\x7f'), '\\x1b[2J\\x1b]0;x\\x07\\x9b31m\\r\\x7f')
  assert.equal(shown('a\u202eb\u2028'), 'a\\u202eb\\u2028')
})

test('prefixes are aligned and coloured, the same watcher always the same', () => {
  const printed: string[] = []
  const terminal = { columns: 80, paint: (style: unknown, text: string) => `<${String(style)}>${text}</>` }
  const output = { print: (text: string) => void printed.push(text), printJson() {}, terminal }
  const line = { wid: 1, pid: 7, stream: 'stdout' as const, time: 1, line: 'hello' }
  const printer = () => new LinePrinter(output, { json: false, prefixed: true })
  const first = printer()
  first.print([
    { ...line, watcher: 'web' },
    { ...line, watcher: 'longer\x1b' },
  ])
  printer().print([{ ...line, watcher: 'web', stream: 'stderr' }])

  const [web, longer] = printed[0]!.split('\n')
  assert.match(web!, /^<(\w+)>web\.1 {9}<\/> <dim>\|<\/> hello$/)
  assert.match(longer!, /^<\w+>longer\\u001b\.1<\/> <dim>\|<\/> hello$/)
  const [, colour] = /^<(\w+)>/.exec(web!)!
  assert.equal(printed[1], `<${colour}>web.1</> <red>|</> <red>hello</>`)
})
