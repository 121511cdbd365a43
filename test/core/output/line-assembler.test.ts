import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LineAssembler, type Lines, LONGEST_LINE_BYTES } from '../../../core/output/line-assembler.ts'
import { readBuffer } from '../../../core/posix/pipe-buffers.ts'
import { generator } from '../watcher/watched.ts'

/** What comes of reads, each in the read buffer as it is when a pipe is read. */
class Assembled {
  readonly pieces: (Omit<Lines, 'data' | 'release'> & { readonly data: Buffer })[] = []
  readonly lines = new LineAssembler(({ data, startsLine, endsLine, release }) => {
    this.pieces.push({ data: Buffer.from(data), startsLine, endsLine })
    release()
  })

  read(...parts: (string | Buffer)[]): this {
    for (const part of parts) {
      const length = Buffer.from(part).copy(readBuffer())
      this.lines.feed(readBuffer().subarray(0, length))
      // What the next read brings takes its place.
      readBuffer().fill('#', 0, length)
    }
    return this
  }

  get texts(): string[] {
    return this.pieces.map(({ data }) => data.toString())
  }

  get all(): Buffer {
    return Buffer.concat(this.pieces.map(({ data }) => data))
  }
}

test('whole lines come in one piece, as they were written', () => {
  const { pieces } = new Assembled().read('one\ntwo\r\n\nfour\n')
  assert.deepEqual(pieces, [{ data: Buffer.from('one\ntwo\r\n\nfour\n'), startsLine: true, endsLine: true }])
})

test('a line that comes in parts waits for its end', () => {
  const assembled = new Assembled().read('on')
  assert.ok(assembled.lines.holds)
  assert.deepEqual(assembled.read('e', '\n').texts, ['one\n'])
  assert.ok(!assembled.lines.holds)
})

test('what follows the end of a line that waited comes with it', () => {
  assert.deepEqual(new Assembled().read('on', 'e\ntwo\nth', 'ree\n').texts, ['one\ntwo\n', 'three\n'])
})

test('an empty read and an empty line are no trouble', () => {
  assert.deepEqual(new Assembled().read('', '\n', '', 'a', '', '\n').texts, ['\n', 'a\n'])
})

test('a line of 64 KiB comes whole, also in many parts', () => {
  const line = `${'x'.repeat(LONGEST_LINE_BYTES - 2)}\n`
  assert.deepEqual(new Assembled().read(line, ...line, `${line}y\n`).texts, [line, line, `${line}y\n`])
})

test('a longer line comes in pieces, and says which begins and which ends it', () => {
  const assembled = new Assembled()
  for (let part = 0; part < 200; part++) assembled.read('x'.repeat(1000))
  assembled.read('\nnext\n')
  assert.deepEqual(
    assembled.pieces.map(({ startsLine, endsLine }) => [startsLine, endsLine]),
    [
      [true, false],
      [false, false],
      [false, false],
      [false, true],
    ],
  )
  assert.equal(assembled.all.toString(), `${'x'.repeat(200_000)}\nnext\n`)
})

test('what never has a line end is passed on, and no more than 64 KiB of it is held', () => {
  const assembled = new Assembled()
  for (let part = 0; part < 10; part++) assembled.read('x'.repeat(200_000))
  assert.ok(assembled.all.length > 2_000_000 - LONGEST_LINE_BYTES)
  assembled.lines.flush()
  assert.equal(assembled.all.length, 2_000_000)
  assert.ok(!assembled.lines.holds)
})

for (const character of ['é', '€', '🎪']) {
  test(`a long line is not cut within ${character}, wherever the reads are`, () => {
    const text = character.repeat(4 * LONGEST_LINE_BYTES)
    const bytes = Buffer.from(text)
    for (const step of [LONGEST_LINE_BYTES - 1, LONGEST_LINE_BYTES + 1, 4097, 200_001]) {
      const assembled = new Assembled()
      for (let at = 0; at < bytes.length; at += step) assembled.read(bytes.subarray(at, at + step))
      assembled.lines.flush()
      assert.ok(assembled.pieces.length > 1)
      assert.ok(assembled.texts.every((piece) => !piece.includes('\ufffd')))
      assert.ok(assembled.all.equals(bytes))
    }
  })
}

test('what is flushed for the moment keeps a character that is not complete', () => {
  const [first, second] = [Buffer.from('ab€').subarray(0, 4), Buffer.from('ab€').subarray(4)]
  const assembled = new Assembled().read(first)
  assembled.lines.flushCharacters()
  assert.deepEqual(assembled.texts, ['ab'])
  assembled.read(second)
  assembled.lines.flushCharacters()
  assert.deepEqual(assembled.texts, ['ab', '€'])
  assembled.lines.flushCharacters()
  assembled.lines.flush()
  assert.equal(assembled.pieces.length, 2)
})

test('bytes that are no text pass unchanged', () => {
  const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * 7919) % 256))
  const assembled = new Assembled().read(bytes)
  assembled.lines.flush()
  assert.ok(assembled.all.equals(bytes))
})

test('whatever is read in whatever parts, all of it comes in its order, and only too long lines in pieces', () => {
  for (let seed = 1; seed <= 100; seed++) {
    const below = generator(seed)
    const bytes = Buffer.concat(
      Array.from({ length: 30 }, () => {
        const length = [0, 1, 80, 3000, LONGEST_LINE_BYTES + 10, 3 * LONGEST_LINE_BYTES][below(6)]!
        return Buffer.from(`${'é'.repeat(below(length + 1) / 2)}\n`)
      }),
    )
    const assembled = new Assembled()
    for (let at = 0; at < bytes.length; ) {
      const length = 1 + below([2, 100, 10_000, 200_000][below(4)]!)
      assembled.read(bytes.subarray(at, at + length))
      at += length
    }
    assembled.lines.flush()
    assert.ok(assembled.all.equals(bytes), `seed ${seed}`)
    let startsLine = true
    let unfinished = 0
    for (const piece of assembled.pieces) {
      assert.equal(piece.startsLine, startsLine, `seed ${seed}`)
      assert.equal(piece.endsLine, piece.data.at(-1) === 10, `seed ${seed}`)
      startsLine = piece.endsLine
      unfinished += piece.endsLine ? -unfinished : piece.data.length
      if (!piece.endsLine) assert.ok(unfinished >= LONGEST_LINE_BYTES - 3, `seed ${seed}`)
    }
  }
})
