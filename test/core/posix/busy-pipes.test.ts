import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, writeSync } from 'node:fs'
import { test } from 'node:test'
import { fcntl } from '../../../core/posix/libc.ts'
import { type OutputPipe, openPipe, type PipeReader, readPipe } from '../../../core/posix/pipes.ts'
import { untilTrue } from '../../harness/index.ts'
import { descriptors, testAsOrdinaryUser } from './running.ts'

const F_GETPIPE_SZ = 1032
const USUAL_BYTES = 64 * 1024

/** A pipe that is read, and how many bytes came. Leaving its scope closes it and kills who was made to write to it. */
class ReadPipe implements Disposable {
  readonly pipe: OutputPipe
  readonly reader: PipeReader
  bytes = 0
  /** Whether there is room for what is read. */
  room = true
  /** How often it was asked for room when there was none. */
  refused = 0
  readonly #writers: ChildProcess[] = []

  constructor() {
    this.pipe = openPipe(null)
    this.reader = readPipe(this.pipe.readEnd, {
      hasRoom: () => {
        if (!this.room) this.refused++
        return this.room
      },
      onData: (data) => {
        this.bytes += data.length
      },
      onEnd: () => {},
    })
  }

  get size(): number {
    return fcntl(this.pipe.readEnd, F_GETPIPE_SZ)
  }

  /** Have somebody write so many bytes, as fast as possible. */
  flood(bytes: number): void {
    const stdio = ['ignore', this.pipe.writeEnd, 'inherit'] as const
    this.#writers.push(spawn('head', ['-c', `${bytes}`, '/dev/zero'], { stdio: [...stdio] }))
  }

  [Symbol.dispose](): void {
    for (const writer of this.#writers) writer.kill('SIGKILL')
    this.reader.close()
    closeSync(this.pipe.writeEnd)
  }
}

test('a pipe whose writer waits for the reader is made larger, and gets its size back when the writer is silent', async () => {
  using one = new ReadPipe()
  assert.equal(one.size, USUAL_BYTES)
  one.flood(300_000_000)
  await untilTrue(() => one.size > USUAL_BYTES, 'a larger pipe')
  await untilTrue(() => one.bytes === 300_000_000, 'all of it')
  await untilTrue(() => one.size === USUAL_BYTES, 'the usual size')
})

test('a pipe that brings a line now and then keeps its size', async () => {
  using one = new ReadPipe()
  for (let line = 1; line <= 50; line++) {
    writeSync(one.pipe.writeEnd, 'line\n')
    await untilTrue(() => one.bytes === 5 * line)
  }
  assert.equal(one.size, USUAL_BYTES)
})

test('of 100 busy pipes all is read, some are made larger and not all, and none is left so', async () => {
  using pipes = new DisposableStack()
  const all = Array.from({ length: 100 }, () => pipes.use(new ReadPipe()))
  let most = 0
  for (const one of all) one.flood(8_000_000)
  await untilTrue(() => {
    most = Math.max(most, all.filter(({ size }) => size > USUAL_BYTES).length)
    return all.every(({ bytes }) => bytes === 8_000_000)
  }, 'all of it')
  assert.ok(most > 0 && most <= 24, `${most} large pipes`)
  await untilTrue(() => all.every(({ size }) => size === USUAL_BYTES), 'the usual size')
})

test('a busy pipe for which there is no room is left alone, and read on when there is', async () => {
  using one = new ReadPipe()
  one.flood(100_000_000)
  await untilTrue(() => one.bytes > 1_000_000)
  one.room = false
  await untilTrue(() => one.refused > 0)
  const { bytes } = one
  await new Promise((resolve) => setTimeout(resolve, 20))
  assert.deepEqual([one.bytes, one.refused], [bytes, 1])
  one.room = true
  one.reader.resume()
  await untilTrue(() => one.bytes === 100_000_000)
})

test('what is in a pipe can be drained while it is paused, and it stays paused', async () => {
  using one = new ReadPipe()
  one.reader.pause()
  writeSync(one.pipe.writeEnd, 'one\n')
  one.reader.drain()
  assert.equal(one.bytes, 4)
  writeSync(one.pipe.writeEnd, 'two\n')
  await new Promise((resolve) => setTimeout(resolve, 20))
  assert.equal(one.bytes, 4)
  one.reader.resume()
  assert.equal(one.bytes, 8)
})

test('a pipe that is closed while it is busy or paused is forgotten', async () => {
  const before = descriptors().length
  for (let round = 0; round < 20; round++) {
    using one = new ReadPipe()
    one.flood(50_000_000)
    await untilTrue(() => one.bytes > 1_000_000)
    if (round % 2 === 0) one.reader.pause()
    one.reader.close()
    one.reader.resume()
    one.reader.drain()
  }
  using other = new ReadPipe()
  other.flood(1_000_000)
  await untilTrue(() => other.bytes === 1_000_000)
  assert.ok(descriptors().length <= before + 5)
})

testAsOrdinaryUser('who may not make pipes larger any more still has all of it read', async () => {
  using pipes = new DisposableStack()
  let last = pipes.use(new ReadPipe())
  // The kernel gives a user 64 MiB in pipes, and then small ones.
  while (last.size === USUAL_BYTES) last = pipes.use(new ReadPipe())
  last.flood(10_000_000)
  await untilTrue(() => last.bytes === 10_000_000)
})
