import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RecentOutput } from '../../../core/output/recent-output.ts'

/** Add a text as it would come: whether it begins a line depends on what came before. */
function writer(recent: RecentOutput) {
  const atStart = { stdout: true, stderr: true }
  return (kind: 'stdout' | 'stderr', text: string | Buffer, time = 1) => {
    const data = Buffer.from(text)
    const sequence = recent.add(kind, time, data, atStart[kind])
    atStart[kind] = data.at(-1) === 10
    return sequence
  }
}

const texts = (recent: RecentOutput, count?: number) => recent.lines(count).map(({ line }) => line)

test('the last lines are kept, with how much had been written by then', () => {
  const recent = new RecentOutput()
  const write = writer(recent)
  write('stdout', 'one\ntwo\n', 5)
  write('stderr', 'oh\r\n', 6)

  assert.deepEqual(recent.lines(), [
    { kind: 'stdout', time: 5, sequence: 4, line: 'one' },
    { kind: 'stdout', time: 5, sequence: 8, line: 'two' },
    { kind: 'stderr', time: 6, sequence: 12, line: 'oh' },
  ])
  assert.deepEqual(texts(recent, 2), ['two', 'oh'])
  assert.deepEqual(texts(recent, 0), [])
  assert.deepEqual(recent.lines(9, 'stderr').length, 1)
  assert.deepEqual([recent.sequence, recent.from], [12, 0])
})

test('a line that came in pieces is one, and one without an end comes last and says so', () => {
  const recent = new RecentOutput()
  const write = writer(recent)
  write('stdout', 'be', 1)
  write('stderr', 'other\n', 2)
  write('stdout', 'gin', 3)
  assert.deepEqual(recent.lines().at(-1), {
    kind: 'stdout',
    time: 3,
    sequence: 11,
    line: 'begin',
    unfinished: true,
  })

  write('stdout', 'ning\nrest', 4)
  assert.deepEqual(texts(recent), ['other', 'beginning', 'rest'])
})

test('two hundred pieces of 64 KiB together are kept, and it is known from where on', () => {
  const recent = new RecentOutput()
  const write = writer(recent)
  for (let n = 1; n <= 300; n++) write('stdout', `${String(n).padStart(4)}\n`)
  assert.deepEqual([recent.lines().length, recent.lines()[0]?.line, recent.from], [200, ' 101', 500])

  write('stdout', `${'a'.repeat(20_000)}\n`)
  write('stdout', `${'b'.repeat(20_000)}\n`)
  write('stdout', `${'c'.repeat(30_000)}\n`)
  assert.deepEqual(
    texts(recent).map((line) => line[0]),
    ['b', 'c'],
  )
  assert.equal(recent.from, 300 * 5 + 20_001)
})

test('of a piece that is too large the last whole lines are kept, of a line that is too long the end', () => {
  const recent = new RecentOutput()
  const write = writer(recent)
  write('stdout', `${'x'.repeat(100)}\n`.repeat(1_000))
  assert.equal(recent.lines(1_000).length, 324)
  assert.ok(texts(recent).every((line) => line === 'x'.repeat(100)))
  assert.ok(recent.from > 0 && recent.from % 101 === 0)

  write('stdout', `${'ü'.repeat(50_000)}!\n`)
  const last = texts(recent).at(-1)!
  assert.match(last, /^…ü+!$/)
  assert.equal(recent.lines().at(-1)?.sequence, recent.sequence)
})

test('a line whose beginning is not kept any more says so', () => {
  const recent = new RecentOutput()
  const write = writer(recent)
  write('stdout', 'beginning')
  for (let n = 0; n < 199; n++) write('stderr', 'line\n')
  write('stdout', ' and end\n')

  assert.equal(texts(recent).at(-1), '… and end')
})

test('what is no UTF-8 is replaced', () => {
  const recent = new RecentOutput()
  writer(recent)('stdout', Buffer.from([0x61, 0xff, 0xc3, 0x0a]))
  assert.deepEqual(texts(recent), ['a\ufffd\ufffd'])
})
