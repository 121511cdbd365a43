import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { statSync, utimesSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { fileStream } from '../../../plugins/streams/file-stream.ts'
import { timedRotatingFileStream } from '../../../plugins/streams/timed-rotating-file-stream.ts'
import { untilTrue } from '../../harness/index.ts'
import { piece, StreamFolder } from './files.ts'

const options = { max_bytes: '12', backup_count: '3', compress: 'gzip' }

const untilNamed = (files: StreamFolder, ...names: string[]): Promise<void> =>
  untilTrue(() => files.names().join() === names.join(), `${names.join()} in ${files.folder.root}`)

test('rotated files are compressed, and go on being numbered', async () => {
  await using files = new StreamFolder()
  const stream = await files.stream(fileStream, { ...options, mode: '640' })

  await stream.write([piece('one line\ntwo lines\n')])
  await untilNamed(files, 'out.log', 'out.log.1.gz')
  await stream.write([piece('three lines\n')])
  await untilNamed(files, 'out.log', 'out.log.1.gz', 'out.log.2.gz')
  await stream.write([piece('four lines\nfive lines\n')])
  await untilNamed(files, 'out.log', 'out.log.1.gz', 'out.log.2.gz', 'out.log.3.gz')

  assert.deepEqual(
    ['out.log.3.gz', 'out.log.2.gz', 'out.log.1.gz', 'out.log'].map((name) => files.read(name)),
    ['two lines\n', 'three lines\n', 'four lines\n', 'five lines\n'],
  )
  assert.equal(statSync(files.path('out.log.1.gz')).mode & 0o777, 0o640)
})

test('a compressed file is as old as what is in it', async () => {
  await using files = new StreamFolder()
  writeFileSync(files.path('out.log.1'), 'old\n')
  utimesSync(files.path('out.log.1'), 1_000_000, 1_000_000)

  await files.stream(fileStream, options)

  await untilNamed(files, 'out.log', 'out.log.1.gz')
  assert.equal(statSync(files.path('out.log.1.gz')).mtimeMs, 1_000_000_000)
})

test('files that are not compressed yet are, when compress is new', async () => {
  await using files = new StreamFolder()
  for (const number of [1, 2]) files.folder.write(`out.log.${number}`, `old ${number}\n`)
  for (const name of ['out.log.4', 'out.log.x', 'out.logs.1']) files.folder.write(name, 'not one of them\n')

  const stream = await files.stream(fileStream, options)
  await stream.write([piece('one line\ntwo lines\n')])

  const others = ['out.log.4', 'out.log.x', 'out.logs.1']
  await untilNamed(files, 'out.log', 'out.log.1.gz', 'out.log.2.gz', 'out.log.3.gz', ...others)
  assert.equal(files.read('out.log.3.gz'), 'old 2\n')
  assert.equal(files.read('out.log.2.gz'), 'old 1\n')
})

test('compressed files go on being numbered when compress is gone', async () => {
  await using files = new StreamFolder()
  files.folder.write('out.log.1', 'old 1\n')
  writeFileSync(files.path('out.log.2.gz'), gzipSync('old 2\n'))

  const stream = await files.stream(fileStream, { max_bytes: '12', backup_count: '3' })
  await stream.write([piece('one line\ntwo lines\n')])

  assert.deepEqual(files.names(), ['out.log', 'out.log.1', 'out.log.2', 'out.log.3.gz'])
  await stream.write([piece('three lines\n')])
  assert.deepEqual(files.names(), ['out.log', 'out.log.1', 'out.log.2', 'out.log.3'])
  assert.equal(files.read('out.log.3'), 'old 1\n')
})

test('what a daemon left half done is done again, and what it had done but for deleting is deleted', async () => {
  await using files = new StreamFolder()
  files.folder.write('.out.log.gz-unfinished', 'half of a gzip file')
  files.folder.write('out.log.1', 'first\n')
  files.folder.write('out.log.2', 'second\n')
  writeFileSync(files.path('out.log.2.gz'), gzipSync('second\n'))
  files.folder.write('out.log.3', 'third\n')
  files.folder.write('out.log.3.gz', 'no gzip file at all')

  await files.stream(fileStream, options)

  await untilNamed(files, 'out.log', 'out.log.1.gz', 'out.log.2.gz', 'out.log.3.gz')
  assert.deepEqual(
    [1, 2, 3].map((number) => files.read(`out.log.${number}.gz`)),
    ['first\n', 'second\n', 'third\n'],
  )
})

test('rotations while the last file is still being compressed lose nothing', async () => {
  await using files = new StreamFolder()
  const line = (at: number) => `${at} ${randomBytes(30_000).toString('base64')}\n`
  const lines = Array.from({ length: 100 }, (_, at) => line(at))
  const stream = await files.stream(fileStream, { max_bytes: '300KB', backup_count: '99', compress: 'gzip' })

  for (const each of lines) await stream.write([piece(each)])

  await untilTrue(() => files.names().every((name) => name === 'out.log' || /^out\.log\.\d+\.gz$/.test(name)))
  const numberOf = (name: string) => Number(/\d+/.exec(name)?.[0] ?? 0)
  const inOrder = files.names().toSorted((a, b) => numberOf(b) - numberOf(a))
  assert.equal(inOrder.map((name) => files.read(name)).join(''), lines.join(''))
})

test('a file that is dropped while it is being compressed is gone', async () => {
  await using files = new StreamFolder()
  const stream = await files.stream(fileStream, { max_bytes: '1MB', backup_count: '1', compress: 'gzip' })
  const block = (name: string) => piece(`${name} ${randomBytes(600_000).toString('base64')}\n`)

  for (const name of ['one', 'two', 'three', 'four']) await stream.write([block(name)])

  await untilNamed(files, 'out.log', 'out.log.1.gz')
  assert.match(files.read('out.log.1.gz'), /^three /)
})

test('a stream that is closed while it compresses leaves the file as it was', async () => {
  await using files = new StreamFolder()
  writeFileSync(files.path('out.log.1'), randomBytes(20_000_000))
  const stream = await files.stream(fileStream, options)
  await untilTrue(() => files.names().includes('.out.log.gz-unfinished'))

  await files.close(stream)

  assert.deepEqual(files.names(), ['out.log', 'out.log.1'])
  assert.equal(statSync(files.path('out.log.1')).size, 20_000_000)
})

test('files that are called after dates are compressed, and deleted, like others', async () => {
  await using files = new StreamFolder()
  process.env['TZ'] = 'UTC'
  writeFileSync(files.path('out.log'), '20th\n')
  utimesSync(files.path('out.log'), new Date('2026-11-20'), new Date('2026-11-20'))
  const timed = { rotate_when: 'D', backup_count: '2', compress: 'gzip' }
  const stream = await files.stream(timedRotatingFileStream, timed)

  for (const day of [21, 22, 23, 24]) {
    await stream.write([piece(`${day}th\n`, { time: Date.parse(`2026-11-${day}T00:00:00Z`) })])
  }

  await untilNamed(files, 'out.log', 'out.log.20261122.gz', 'out.log.20261123.gz')
  assert.equal(files.read('out.log.20261123.gz'), '23th\n')
})
