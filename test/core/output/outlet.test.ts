import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NotAllTaken, type OutputPiece } from '../../../core/output/stream.ts'
import { untilTrue } from '../../harness/index.ts'
import { generator } from '../watcher/watched.ts'
import { impatient, KeepingStream, piece, TestOutlet, textOf } from './pieces.ts'

const KiB = 1024
const never = new Promise<never>(() => {})

/** A stream that fails until it is told to work. */
class Failing extends KeepingStream {
  works = false
  override before = () => {
    if (!this.works) throw new Error('no space left')
  }
}

test('what was pushed is written in its order, and what comes in one go is written in one go', async () => {
  const stream = new KeepingStream()
  const { outlet, line } = bound(new TestOutlet(() => stream))
  line('one')
  line('two')
  await stream.until('one\ntwo\n')
  line('three')
  await stream.until('one\ntwo\nthree\n')
  assert.deepEqual(stream.batches, ['one\ntwo\n', 'three\n'])
  await outlet.close()
  assert.deepEqual(stream.calls, ['write', 'write', 'close'])
})

test('a piece is released once it was written, and not before', async () => {
  const stream = new KeepingStream()
  const gate = Promise.withResolvers<void>()
  stream.before = () => gate.promise
  const { outlet } = new TestOutlet(() => stream)
  let released = 0
  for (const text of ['one\n', 'two\n']) outlet.push(piece(text, { release: () => void released++ }))
  await untilTrue(() => stream.calls.length === 1)
  assert.equal(released, 0)
  gate.resolve()
  await stream.until('one\ntwo\n')
  await outlet.close()
  assert.equal(released, 2)
})

test('who writes waits while much waits to be written, and goes on when there is room', async () => {
  const stream = new KeepingStream()
  const gate = Promise.withResolvers<void>()
  stream.before = () => gate.promise
  const { outlet } = new TestOutlet(() => stream, { ...impatient, stallMs: 60_000 })
  let pushed = 0
  while (!outlet.full) {
    outlet.push(piece(`${'x'.repeat(64 * KiB)}\n`))
    pushed++
  }
  assert.equal(pushed, 32)
  const room = Promise.withResolvers<void>()
  outlet.whenRoom(room.resolve)
  gate.resolve()
  await room.promise
  assert.ok(!outlet.full)
  await outlet.close()
  assert.equal(stream.text.length, pushed * (64 * KiB + 1))
  assert.ok(stream.batches.length > 1)
})

test('many small pieces count for more than their bytes', async () => {
  const { outlet } = new TestOutlet(() => never, { ...impatient, stallMs: 60_000 })
  let pushed = 0
  while (!outlet.full) outlet.push(piece(`${pushed++}\n`))
  assert.ok(pushed < 15_000)
  await outlet.close()
})

test('when the stream fails it is told once, nobody waits, and all comes again', async () => {
  const stream = new Failing()
  const { outlet, events, log, line } = bound(new TestOutlet(() => stream))
  line('one')
  await events.until((event) => event === 'failure no space left')
  line('two')
  await untilTrue(() => stream.calls.length > 3)
  stream.works = true
  await stream.until('one\ntwo\n')
  await events.until((event) => event === 'recovery 0 0')
  assert.equal(events.all.length, 2)
  assert.equal(log.matching(/^error/).length, 1)
  assert.equal(log.matching(/^info .*it works again; nothing was lost/).length, 1)
  await outlet.close()
})

test('while it fails the last MiB is kept; what was lost is counted, and told where it is missing', async () => {
  const stream = new Failing()
  const { outlet, events, line } = bound(new TestOutlet(() => stream))
  line('first')
  await events.until((event) => event.startsWith('failure'))
  const [woken, text] = [Promise.withResolvers<void>(), `${'x'.repeat(10 * KiB - 1)}\n`]
  for (let number = 0; number < 300; number++) outlet.push(piece(text))
  outlet.whenRoom(woken.resolve)
  assert.ok(!outlet.full)
  line('last')
  await woken.promise
  stream.works = true
  const [, lines, bytes] = (await events.until((event) => event.startsWith('recovery'))).split(' ').map(Number)
  const kept = 300 + 2 - lines!
  assert.ok(kept > 95 && kept <= 103, `${kept}`)
  assert.equal(bytes, 'first\n'.length + (lines! - 1) * text.length)
  const notice = `<${lines} lines (${bytes} bytes) of output were lost here: no space left>\n`
  assert.equal(stream.text, `${notice}${text.repeat(kept - 1)}last\n`)
  await outlet.close()
})

test('a piece of which the stream has taken a part comes again from there, whatever is lost meanwhile', async () => {
  const stream = new KeepingStream()
  let works = false
  let taken = ''
  stream.before = (pieces) => {
    if (works) return
    if (taken !== '') throw new Error('full')
    taken = textOf(pieces).slice(0, 'one\nt'.length)
    throw new NotAllTaken(taken.length, new Error('full'))
  }
  const { outlet, events, line } = bound(new TestOutlet(() => stream))
  for (const text of ['one', 'two', 'three']) line(text)
  await events.until((event) => event === 'failure full')
  for (let number = 0; number < 200; number++) line('x'.repeat(10 * KiB))
  works = true
  await events.until((event) => event.startsWith('recovery'))
  const lines = (taken + stream.text).split('\n')
  assert.deepEqual(lines.slice(0, 2), ['one', 'two'])
  assert.match(lines[2]!, /^<(9\d|10\d) lines \(\d+ bytes\) of output were lost here: full>$/)
  await outlet.close()
})

test('after a part that ended with a line, the rest begins one', async () => {
  const stream = new KeepingStream()
  const begins: boolean[] = []
  stream.before = (pieces) => {
    begins.push(...pieces.map(({ startsLine }) => startsLine))
    if (begins.length === 1) throw new NotAllTaken('one\n'.length, new Error('full'))
    if (begins.length === 2) throw new NotAllTaken('t'.length, new Error('full'))
  }
  const { outlet } = new TestOutlet(() => stream)
  outlet.push(piece('one\ntwo\n'))
  await stream.until('wo\n')
  assert.deepEqual(begins, [true, true, false])
  await outlet.close()
})

test('a stream that throws at once, or says that it took what it cannot have, is one that fails', async () => {
  const stream = new KeepingStream()
  const errors = [new Error('at once'), new NotAllTaken(Number.NaN, 'nothing'), new NotAllTaken(-3, 'less')]
  const write = (pieces: readonly OutputPiece[]) => {
    const error = errors.shift()
    if (error) throw error
    return stream.write(pieces)
  }
  const { outlet, line } = bound(new TestOutlet(() => ({ write })))
  line('one')
  await stream.until('one\n')
  await outlet.close()
})

test('a stream that cannot be made is tried again until it can', async () => {
  const stream = new KeepingStream()
  let attempts = 0
  const open = () => {
    if (++attempts < 4) throw new Error('no such folder')
    return attempts < 6 ? Promise.reject(new Error('not yet')) : stream
  }
  const { outlet, events, line } = bound(new TestOutlet(open))
  line('one')
  await stream.until('one\n')
  await events.until((event) => event === 'recovery 0 0')
  assert.deepEqual(
    events.all.filter((event) => event.startsWith('failure')),
    ['failure no such folder'],
  )
  await outlet.close()
})

test('a stream that is slow to be made, with nothing to write, works again as soon as it is there', async () => {
  const made = Promise.withResolvers<KeepingStream>()
  const { outlet, events } = new TestOutlet(() => made.promise)
  void outlet.open()
  await events.until((event) => event.startsWith('failure nothing was written for'))
  made.resolve(new KeepingStream())
  await events.until((event) => event === 'recovery 0 0')
  await outlet.close()
})

test('a write that never settles keeps nobody from writing, and closing takes no longer than it may', async () => {
  const stream = new KeepingStream()
  stream.before = () => never
  const { outlet, events, log } = new TestOutlet(() => stream)
  let released = 0
  let late = false
  const push = () => outlet.push(piece('x'.repeat(100 * KiB), { release: () => void released++ }))
  while (!outlet.full) push()
  const room = Promise.withResolvers<void>()
  outlet.whenRoom(room.resolve)
  await room.promise
  assert.match(events.all[0]!, /^failure nothing was written for/)
  for (let number = 0; number < 100; number++) push()
  assert.ok(!outlet.full)
  assert.ok(released > 80)
  await outlet.close()
  await log.record(/^error .*of output were lost here: nothing was written/)
  const release = () => {
    late = true
  }
  outlet.push(piece('x\n', { release }))
  assert.ok(late)
})

test('a write that takes its time and comes to its end after all has lost nothing', async () => {
  const stream = new KeepingStream()
  const gate = Promise.withResolvers<void>()
  stream.before = () => gate.promise
  const { outlet, events, line } = bound(new TestOutlet(() => stream))
  line('one')
  await events.until((event) => event.startsWith('failure'))
  line('two')
  stream.before = () => {}
  gate.resolve()
  await stream.until('one\ntwo\n')
  await events.until((event) => event === 'recovery 0 0')
  await outlet.close()
})

test('closing writes what is left, waits for the stream to close, and is done once', async () => {
  const stream = new KeepingStream()
  const { outlet, line } = bound(new TestOutlet(() => stream))
  for (let number = 1; number <= 3; number++) line(`${number}`)
  await Promise.all([outlet.close(), outlet.close()])
  assert.equal(stream.text, '1\n2\n3\n')
  assert.deepEqual(stream.calls, ['write', 'close'])
  line('too late')
  assert.equal(stream.text, '1\n2\n3\n')
})

test('closing an outlet that was never used does not make its stream', async () => {
  let made = 0
  const { outlet } = new TestOutlet(() => {
    made++
    return new KeepingStream()
  })
  await outlet.reopen()
  await outlet.close()
  assert.equal(made, 0)
})

test('a stream that fails while it closes is told, and what is left is', async () => {
  const stream = Object.assign(new Failing(), { close: () => Promise.reject(new Error('cannot close')) })
  const { outlet, log, line } = bound(new TestOutlet(() => stream))
  line('one')
  await outlet.close()
  assert.equal(log.matching(/1 lines \(4 bytes\) of output were lost here: no space left/).length, 1)
  assert.equal(log.matching(/cannot close/).length, 1)
})

test('a stream that is there only after closing is closed at once', async () => {
  const stream = new KeepingStream()
  const made = Promise.withResolvers<KeepingStream>()
  const { outlet, line } = bound(new TestOutlet(() => made.promise))
  line('one')
  await outlet.close()
  made.resolve(stream)
  await untilTrue(() => stream.calls.length > 0)
  assert.deepEqual(stream.calls, ['close'])
})

test('closing wakes those who wait for room at once, however slow the stream is', async () => {
  const stream = new KeepingStream()
  stream.before = () => never
  const { outlet } = new TestOutlet(() => stream)
  while (!outlet.full) outlet.push(piece('x'.repeat(64 * KiB)))
  let woken = false
  outlet.whenRoom(() => {
    woken = true
  })
  const closed = outlet.close()
  assert.ok(woken)
  await closed
})

test('what an outlet cannot write before it is closed is the first that its heir writes', async () => {
  const [broken, working] = [new Failing(), new KeepingStream()]
  const old = bound(new TestOutlet(() => broken))
  const heir = bound(new TestOutlet(() => working))
  old.line('one')
  await old.events.until((event) => event.startsWith('failure'))
  heir.line('two')
  await old.outlet.close(heir.outlet)
  await working.until('two\none\n').catch(() => {})
  assert.equal(working.text.split('\n').sort().join(' ').trim(), 'one two')
  await heir.outlet.close()
})

test('opening anew comes after the write under way, and before what waits', async () => {
  const stream = new KeepingStream()
  const gate = Promise.withResolvers<void>()
  stream.before = () => gate.promise
  const { outlet, line } = bound(new TestOutlet(() => stream))
  line('one')
  await untilTrue(() => stream.calls.length === 1)
  line('two')
  const reopened = outlet.reopen()
  gate.resolve()
  await reopened
  await stream.until('one\ntwo\n')
  assert.deepEqual(stream.calls, ['write', 'reopen', 'write'])
  await outlet.close()
})

test('opening anew that fails is told to whoever asked, and done later', async () => {
  const stream = new KeepingStream()
  let attempts = 0
  const reopen = async () => {
    if (++attempts < 3) throw new Error('no such folder')
  }
  const { outlet, events, line } = bound(new TestOutlet(() => Object.assign(stream, { reopen })))
  line('one')
  await stream.until('one\n')
  await assert.rejects(outlet.reopen(), { message: 'no such folder' })
  line('two')
  await stream.until('one\ntwo\n')
  assert.equal(attempts, 3)
  await events.until((event) => event === 'recovery 0 0')
  await outlet.close()
})

test('whatever fails however often, nothing is lost that is not told, nothing comes twice, and no line is torn', async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const below = generator(seed)
    const file = new FailingFile(below)
    const { outlet, events } = new TestOutlet(() => file.open())
    const total = 400
    for (let number = 1; number <= total; number++) {
      const padding = 'x'.repeat([0, 50, 20 * KiB, 60 * KiB][below(4)]!)
      const text = `${number} ${padding}\n`
      outlet.push(piece(text))
      if (outlet.full) await new Promise<void>((resolve) => outlet.whenRoom(resolve))
      if (below(20) === 0) await new Promise((resolve) => setTimeout(resolve, below(4)))
      if (below(100) === 0) outlet.reopen().catch(() => {})
    }
    file.works = true
    await untilTrue(() => file.text.includes(`\n${total} `) && file.text.endsWith('\n'))
    await outlet.close()
    assert.equal(file.atOnce, 1, `seed ${seed}`)
    let lost = 0
    let next = 1
    for (const line of file.text.slice(0, -1).split('\n')) {
      const [, told] = /^<(\d+) lines \(\d+ bytes\) of output were lost here: \w+>$/.exec(line) ?? []
      const [, number] = /^(\d+) x*$/.exec(line) ?? []
      assert.ok(told ?? number, `seed ${seed}: ${line.slice(0, 100)}`)
      if (told) lost += Number(told)
      if (number) assert.equal(Number(number), next, `seed ${seed}`)
      next += Number(told ?? 1)
    }
    assert.equal(next, total + 1, `seed ${seed}`)
    const recovered = events.all
      .filter((event) => event.startsWith('recovery'))
      .map((event) => Number(event.split(' ')[1]))
    assert.equal(
      recovered.reduce((sum, lines) => sum + lines, 0),
      lost,
      `seed ${seed}`,
    )
  }
})

/** A file that can be opened, written and opened anew only sometimes, and then takes only a part. */
class FailingFile {
  text = ''
  works = false
  /** How many calls there were at once, at most. */
  atOnce = 0
  #calls = 0
  readonly #below: (n: number) => number

  constructor(below: (n: number) => number) {
    this.#below = below
  }

  open() {
    this.#fail()
    return {
      write: (pieces: readonly OutputPiece[]) => this.#call(() => this.#take(textOf(pieces))),
      reopen: () => this.#call(() => this.#fail()),
    }
  }

  async #call(work: () => void): Promise<void> {
    this.atOnce = Math.max(this.atOnce, ++this.#calls)
    try {
      if (this.#below(2) === 0) await new Promise((resolve) => setTimeout(resolve, this.#below(3)))
      work()
    } finally {
      this.#calls--
    }
  }

  #take(text: string): void {
    const taken = this.works || this.#below(3) > 0 ? text.length : this.#below(text.length)
    this.text += text.slice(0, taken)
    if (taken < text.length) throw this.#below(2) > 0 || taken > 0 ? new NotAllTaken(taken, 'full') : new Error('full')
  }

  #fail(): void {
    if (!this.works && this.#below(3) === 0) throw new Error('gone')
  }
}

/** An outlet with its `line` at hand. */
function bound(test: TestOutlet) {
  const { outlet, events, log } = test
  return { outlet, events, log, line: (text: string) => test.line(text) }
}
