import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OutputTopics } from '../../../core/output/output-topics.ts'
import { untilTrue } from '../../harness/index.ts'

interface Message {
  readonly topic: string
  readonly watcher: string
  readonly sequence: number
  readonly bytes: number
  readonly starts_line: boolean
  readonly dropped?: number
  readonly data: string
  readonly time: number
}

function topics(...wanted: string[]) {
  const messages: Message[] = []
  const published = new OutputTopics((topic, text) => void messages.push({ topic, ...JSON.parse(text) }))
  published.want(wanted)
  let sequence = 0
  let startsLine = true
  const write = (text: string | Buffer, { watcher = 'web', pid = 7, kind = 'stdout' as 'stdout' | 'stderr' } = {}) => {
    const data = Buffer.from(text)
    sequence += data.length
    const endsLine = data.at(-1) === 10
    published.add({ data, watcher, wid: 1, pid, kind, time: 1_500, startsLine, endsLine }, sequence)
    startsLine = endsLine
  }
  return { published, messages, write }
}

test('a piece is published to those who want it, with where it stands', () => {
  const { messages, write } = topics('output.web.')
  write('hello\n')
  write('wörld')
  write('!\n', { kind: 'stderr' })

  assert.deepEqual(messages[0], {
    topic: 'output.web.7.stdout',
    watcher: 'web',
    wid: 1,
    pid: 7,
    stream: 'stdout',
    sequence: 6,
    bytes: 6,
    starts_line: true,
    data: 'hello\n',
    time: 1.5,
  })
  assert.deepEqual(
    messages
      .slice(1)
      .map(({ topic, sequence, bytes, starts_line, data }) => [topic, sequence, bytes, starts_line, data]),
    [
      ['output.web.7.stdout', 12, 6, true, 'wörld'],
      ['output.web.7.stderr', 14, 2, false, '!\n'],
    ],
  )
})

test('names are as in other topics, dots and all, and whoever wants everything does not mean output', () => {
  const { published, messages, write } = topics('', 'out', 'output', 'watcher.', 'output.my_web.1.9.')
  write('no\n')
  write('no\n', { watcher: 'my web.1', pid: 8 })
  write('yes\n', { watcher: 'My Web.1', pid: 9 })
  assert.deepEqual(
    messages.map(({ topic, watcher }) => [topic, watcher]),
    [['output.my_web.1.9.stdout', 'My Web.1']],
  )

  published.want([''])
  write('no\n', { watcher: 'My Web.1', pid: 9 })
  assert.equal(messages.length, 1)
})

test('messages have 4 KiB at most, and are divided between lines, or else between characters', () => {
  const { messages, write } = topics('output.')
  const text = `${'line\n'.repeat(2_000)}${'ü'.repeat(5_000)}\n`
  write(text)

  assert.equal(messages.map(({ data }) => data).join(''), text)
  assert.ok(messages.every(({ bytes, data }) => bytes <= 4_096 && bytes === Buffer.byteLength(data)))
  assert.deepEqual(
    messages.map(({ starts_line }) => starts_line),
    [true, true, true, true, false, false],
  )
  let at = 0
  for (const { sequence, bytes } of messages) {
    at += bytes
    assert.equal(sequence, at)
  }
})

test('bytes that are no text do not make messages large', () => {
  const { messages, write } = topics('output.')
  write(Buffer.alloc(40_000))

  assert.equal(
    messages.reduce((sum, { bytes }) => sum + bytes, 0),
    40_000,
  )
  assert.ok(messages.every((message) => JSON.stringify(message).length < 14_000))
})

test('of what comes too fast the last is published later, with how much is missing before', async () => {
  const { messages, write } = topics('output.')
  const line = `${'x'.repeat(99)}\n`
  const block = line.repeat(10_000)
  for (let n = 0; n < 20; n++) write(block)
  write('the end\n')
  await untilTrue(() => messages.some(({ data }) => data.endsWith('the end\n')))

  let at = 0
  for (const { sequence, bytes, dropped = 0, starts_line } of messages) {
    assert.equal(sequence, at + dropped + bytes)
    assert.ok(starts_line)
    at = sequence
  }
  assert.equal(at, 20 * block.length + 8)
  assert.ok(messages.reduce((sum, { bytes }) => sum + bytes, 0) < block.length * 10)
})

test('a process that floods leaves room for another', () => {
  const { messages, write } = topics('output.')
  const block = 'flood\n'.repeat(50_000)
  for (let pid = 1; pid < 60; pid++) write(block, { pid })
  write('a word\n', { watcher: 'quiet', pid: 1_000 })

  assert.equal(messages.at(-1)?.data, 'a word\n')
})
