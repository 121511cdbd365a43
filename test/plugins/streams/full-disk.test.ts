import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { StreamClass } from '../../../core/index.ts'
import { fileStream } from '../../../plugins/streams/file-stream.ts'
import { impatient, piece, TestOutlet } from '../../core/output/pieces.ts'
import { testAsRoot } from '../../core/posix/running.ts'
import { untilTrue } from '../../harness/index.ts'
import { SmallDisk, StreamFolder } from './files.ts'

/** A machine that is busy is no failure. */
const patience = { ...impatient, stallMs: 15_000, closingMs: 15_000 }

/** Streams to files on a small disk, each behind an outlet as in the daemon. */
class DiskTest implements AsyncDisposable {
  readonly files = new StreamFolder()
  readonly disk: SmallDisk
  readonly #outlets: TestOutlet[] = []

  constructor(options: string) {
    this.disk = new SmallDisk(this.files.path('disk'), options)
  }

  outlet<T>(streamClass: StreamClass<T>, options: Readonly<Record<string, string>> = {}): TestOutlet {
    const given = { filename: this.files.path('disk/out.log'), ...options }
    const outlet = new TestOutlet(() => this.files.stream(streamClass, given), patience)
    this.#outlets.push(outlet)
    return outlet
  }

  read(name = 'out.log'): string {
    return readFileSync(this.files.path(`disk/${name}`), 'utf8')
  }

  names(): string[] {
    return readdirSync(this.disk.root).sort()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { outlet } of this.#outlets) await outlet.close()
    this.disk[Symbol.dispose]()
    await this.files[Symbol.asyncDispose]()
  }
}

const numbered = (count: number, word = 'line') =>
  Array.from({ length: count }, (_, at) => `${word} ${at} ${'x'.repeat(at % 300)}\n`)

const isFailure = (event: string) => event.startsWith('failure ENOSPC')
const isRecovery = (event: string) => event.startsWith('recovery ')

for (const time_format of [undefined, '%H:%M:%S.%f']) {
  const options: Readonly<Record<string, string>> = time_format === undefined ? {} : { time_format }
  const withoutPrefix = (text: string) =>
    time_format === undefined ? text : text.replace(/^\d\d:\d\d:\d\d\.\d{6} \[\d+\] \| /gm, '')
  const which = time_format === undefined ? 'as it is' : 'with a prefix'

  testAsRoot(`a disk that is full for a while: nothing is lost, torn or there twice; output ${which}`, async () => {
    await using small = new DiskTest('size=64k')
    const { outlet, events } = small.outlet(fileStream, options)
    const lines = numbered(3000)

    for (let at = 0; at < lines.length; at += 100) outlet.push(piece(lines.slice(at, at + 100).join('')))
    await events.until(isFailure)
    for (const size of [100, 236, 300]) {
      small.disk.remount(`size=${size}k`)
      await untilTrue(() => small.read().length === size * 1024)
    }
    small.disk.remount('size=10m')
    await untilTrue(() => withoutPrefix(small.read()).length >= lines.join('').length)

    await outlet.close()
    assert.equal(withoutPrefix(small.read()), lines.join(''))
  })

  testAsRoot(`a line that is all there is to write is finished as soon as there is room; output ${which}`, async () => {
    await using small = new DiskTest('size=64k')
    const { outlet, events } = small.outlet(fileStream, options)
    const line = `${'x'.repeat(100_000)}\n`

    outlet.push(piece(line))
    await events.until(isFailure)
    small.disk.remount('size=10m')
    await events.until(isRecovery)
    assert.equal(withoutPrefix(small.read()), line)

    outlet.push(piece('next\n'))
    await outlet.close()
    assert.equal(withoutPrefix(small.read()), `${line}next\n`)
  })

  testAsRoot(`two streams to one file on a full disk tear no line of each other; output ${which}`, async () => {
    await using small = new DiskTest('size=64k')
    const [one, two] = [small.outlet(fileStream, options), small.outlet(fileStream, options)]
    const [ones, twos] = [numbered(800, 'one'), numbered(800, 'two')]

    for (let at = 0; at < 800; at += 10) {
      one.outlet.push(piece(ones.slice(at, at + 10).join(''), { pid: 1 }))
      two.outlet.push(piece(twos.slice(at, at + 10).join(''), { pid: 2 }))
    }
    await Promise.all([one.events.until(isFailure), two.events.until(isFailure)])
    small.disk.remount('size=128k')
    small.disk.remount('size=10m')
    await Promise.all([one.events.until(isRecovery), two.events.until(isRecovery)])

    await Promise.all([one.outlet.close(), two.outlet.close()])
    const all = withoutPrefix(small.read()).split(/(?<=\n)/)
    assert.deepEqual(
      all.filter((line) => line.startsWith('one')),
      ones,
    )
    assert.deepEqual(
      all.filter((line) => line.startsWith('two')),
      twos,
    )
    assert.equal(all.length, 1600)
  })
}

testAsRoot('what is too much to keep while the disk is full is counted in the file', async () => {
  await using small = new DiskTest('size=64k')
  const { outlet, events } = small.outlet(fileStream)
  const lines = numbered(30_000)

  for (let at = 0; at < lines.length; at += 100) outlet.push(piece(lines.slice(at, at + 100).join('')))
  await events.until(isFailure)
  small.disk.remount('size=10m')
  const recovery = await events.until(isRecovery)

  await outlet.close()
  const all = small.read().split(/(?<=\n)/)
  const notices = all.filter((line) => line.includes('were lost here'))
  const lost = notices.reduce((sum, line) => sum + Number(/<(\d+) lines/.exec(line)?.[1]), 0)
  assert.ok(lost > 0)
  assert.match(recovery, new RegExp(`^recovery ${lost} `))
  const kept = all.filter((line) => !line.includes('were lost here'))
  assert.ok(kept.every((line) => lines[Number(line.split(' ')[1])] === line))
  assert.equal(kept.length + lost, lines.length)
})

testAsRoot('a disk that has no room for one more file in mid-rotation: the old ones are numbered once', async () => {
  await using small = new DiskTest('size=1m,nr_inodes=4')
  const { outlet, events } = small.outlet(fileStream, { max_bytes: '1KB', backup_count: '5' })
  const lines = Array.from({ length: 50 }, (_, at) => `${String(at).padStart(3)} ${'x'.repeat(95)}\n`)

  outlet.push(piece(lines.join('')))
  await events.until(isFailure)
  assert.deepEqual(small.names(), ['out.log.1', 'out.log.2', 'out.log.3'])
  small.disk.remount('nr_inodes=100')
  assert.equal(await events.until(isRecovery), 'recovery 0 0')

  await outlet.close()
  const names = ['out.log', 'out.log.1', 'out.log.2', 'out.log.3', 'out.log.4']
  assert.deepEqual(small.names(), names)
  assert.equal(
    names
      .toReversed()
      .map((name) => small.read(name))
      .join(''),
    lines.join(''),
  )
})

testAsRoot('a full disk leaves rotated files uncompressed, and writing goes on', async () => {
  await using small = new DiskTest('size=300k')
  const { outlet, log } = small.outlet(fileStream, { max_bytes: '200KB', backup_count: '1', compress: 'gzip' })
  const lines = Array.from({ length: 220 }, () => `${randomBytes(500).toString('hex')}\n`)

  outlet.push(piece(lines.join('')))
  await small.files.log.record(/^warning .*out\.log\.1 stays as it is, it is not compressed: ENOSPC/)

  await outlet.close()
  assert.deepEqual(small.names(), ['out.log', 'out.log.1'])
  assert.equal(small.read('out.log.1') + small.read(), lines.join(''))
  assert.deepEqual(log.matching(/^error/), [])
})

test('a device that is full is a failure like any other', async () => {
  await using files = new StreamFolder()
  const { outlet, events } = new TestOutlet(() => files.stream(fileStream, { filename: '/dev/full' }))

  outlet.push(piece('line\n'))

  await events.until(isFailure)
  await outlet.close()
})
