import assert from 'node:assert/strict'
import {
  appendFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { test } from 'node:test'
import { fileStream } from '../../../plugins/streams/file-stream.ts'
import { timeFormat } from '../../../plugins/streams/strftime.ts'
import { piece, StreamFolder } from './files.ts'

test('pieces are appended as they are, also bytes that are no text', async () => {
  await using files = new StreamFolder()
  const bytes = Buffer.from([0, 255, 13, 10, 128, 10])
  writeFileSync(files.path('out.log'), 'before\n')
  const stream = await files.stream(fileStream)

  await stream.write([piece('one\ntwo\n'), piece(bytes)])
  await stream.write([piece('é\n')])

  const parts = [Buffer.from('before\none\ntwo\n'), bytes, Buffer.from('é\n')]
  assert.deepEqual(files.bytes(), Buffer.concat(parts))
})

test('each line begins with its time and its process when there is a time_format', async () => {
  await using files = new StreamFolder()
  const stream = await files.stream(fileStream, { time_format: '%Y-%m-%d %H:%M:%S' })
  const time = Date.UTC(2026, 10, 23, 12)
  const prefix = `${timeFormat('%Y-%m-%d %H:%M:%S')(time)} [4711] | `

  await stream.write([piece('one\n\nthree $& é\n', { time })])
  await stream.write([piece(`${'long '.repeat(20_000)}\n`, { time })])

  assert.equal(files.read(), `${prefix}one\n${prefix}\n${prefix}three $& é\n${prefix}${'long '.repeat(20_000)}\n`)
})

test('a prefix has whatever the time_format says, and every byte of a line stays', async () => {
  await using files = new StreamFolder()
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
  const stream = await files.stream(fileStream, { time_format: '€ $1 $& %n%%' })

  await stream.write([piece(Buffer.concat([bytes, Buffer.from('\n')]))])

  const prefix = Buffer.from('€ $1 $&  % [4711] | ')
  const [head, tail] = [bytes.subarray(0, 11), bytes.subarray(11)]
  assert.deepEqual(files.bytes(), Buffer.concat([prefix, head, prefix, tail, Buffer.from('\n')]))
})

test('an empty time_format leaves the process', async () => {
  await using files = new StreamFolder()
  const stream = await files.stream(fileStream, { time_format: '' })

  await stream.write([piece('line\n')])

  assert.equal(files.read(), ' [4711] | line\n')
})

test('a line that comes in parts has one prefix', async () => {
  await using files = new StreamFolder()
  const stream = await files.stream(fileStream, { time_format: '' })

  await stream.write([piece('one, ')])
  await stream.write([piece('two, ', { startsLine: false }), piece('three\nfour\n', { startsLine: false })])

  assert.equal(files.read(), ' [4711] | one, two, three\n [4711] | four\n')
})

test('what another process writes after an unfinished line begins a line', async () => {
  await using files = new StreamFolder()
  const stream = await files.stream(fileStream)

  await stream.write([piece('killed in mid-'), piece('next\n', { pid: 4712 })])
  await stream.write([piece('again', { pid: 4712 }), piece('stderr\n', { pid: 4712, kind: 'stderr' })])

  assert.equal(files.read(), 'killed in mid-\nnext\nagain\nstderr\n')
})

test('so does what is written to a file that a daemon left in the middle of a line', async () => {
  await using files = new StreamFolder()
  writeFileSync(files.path('out.log'), 'the daemon was ki')
  const stream = await files.stream(fileStream)

  await stream.write([piece('here it is again\n')])

  assert.equal(files.read(), 'the daemon was ki\nhere it is again\n')
})

test('a file is rotated before it has max_bytes, and between lines', async () => {
  await using files = new StreamFolder()
  const stream = await files.stream(fileStream, { max_bytes: '20', backup_count: '3' })

  await stream.write([piece('1 aaaaaa\n2 bbbbbb\n3 cccccc\n4 dddddd\n5 eeeeee\n')])
  await stream.write([piece('6 ffffff\n'), piece('7 gggggg\n')])

  assert.deepEqual(files.names(), ['out.log', 'out.log.1', 'out.log.2', 'out.log.3'])
  assert.equal(files.read('out.log.3'), '1 aaaaaa\n2 bbbbbb\n')
  assert.equal(files.read('out.log.2'), '3 cccccc\n4 dddddd\n')
  assert.equal(files.read('out.log.1'), '5 eeeeee\n6 ffffff\n')
  assert.equal(files.read(), '7 gggggg\n')

  await stream.write([piece('8 hhhhhh\n9 iiiiii\n')])
  assert.deepEqual(files.names(), ['out.log', 'out.log.1', 'out.log.2', 'out.log.3'])
  assert.equal(files.read('out.log.3'), '3 cccccc\n4 dddddd\n')
})

test('a line that is larger than max_bytes has a file of its own', async () => {
  await using files = new StreamFolder()
  const stream = await files.stream(fileStream, { max_bytes: '20', backup_count: '9' })
  const long = `${'x'.repeat(50)}\n`

  await stream.write([piece(`short\n${long}${long}short\n`)])

  assert.deepEqual(
    ['out.log.3', 'out.log.2', 'out.log.1', 'out.log'].map((name) => files.read(name)),
    ['short\n', long, long, 'short\n'],
  )
})

test('a line that comes in parts is in one file, and what has no line ends at all is divided', async () => {
  await using files = new StreamFolder()
  const stream = await files.stream(fileStream, { max_bytes: '20', backup_count: '9' })

  await stream.write([piece('first, '), piece('second, ', { startsLine: false })])
  await stream.write([piece('third\nnext\n', { startsLine: false })])
  assert.equal(files.read('out.log.1'), 'first, second, third\n')
  assert.equal(files.read(), 'next\n')

  const block = 'x'.repeat(64 * 1024)
  await stream.write([piece(block), piece(block, { startsLine: false }), piece(block, { startsLine: false })])
  assert.deepEqual(
    ['out.log.4', 'out.log.3', 'out.log.2', 'out.log.1', 'out.log'].map((name) => files.read(name).length),
    [21, 5, block.length, block.length, block.length],
  )
})

test('with prefixes too, files stay smaller than max_bytes', async () => {
  await using files = new StreamFolder()
  const stream = await files.stream(fileStream, { max_bytes: '1KB', backup_count: '99', time_format: '%H:%M:%S' })
  const lines = Array.from({ length: 500 }, (_, at) => `line ${at}\n`)

  await stream.write([piece(lines.slice(0, 300).join(''))])
  for (const line of lines.slice(300)) await stream.write([piece(line)])

  const names = files.names().toSorted((a, b) => Number(b.slice(8) || 0) - Number(a.slice(8) || 0))
  const all = names.map((name) => files.read(name))
  assert.ok(all.every((text) => text.length < 1024 && text.length > 0))
  assert.ok(all.slice(0, -1).every((text) => text.length > 1024 - 35))
  assert.equal(all.join('').replace(/^\d\d:\d\d:\d\d \[4711\] \| /gm, ''), lines.join(''))
})

test('what follows a rotation in the middle of a large piece is what was written', async () => {
  await using files = new StreamFolder()
  const stream = await files.stream(fileStream, { max_bytes: '100KB', backup_count: '99', time_format: '' })
  const lines = Array.from({ length: 10_000 }, (_, number) => `${number} ${'x'.repeat(90)}`)
  await stream.write([piece(lines.map((line) => `${line}\n`).join(''))])
  const names = files.names().sort((a, b) => Number(b.split('.')[2] ?? 0) - Number(a.split('.')[2] ?? 0))
  assert.ok(names.length > 9)
  const written = names.flatMap((name) => files.read(name).trimEnd().split('\n'))
  assert.deepEqual(
    written,
    lines.map((line) => ` [4711] | ${line}`),
  )
})

test('without backup_count nothing is rotated, as in the original, but it is told', async () => {
  await using files = new StreamFolder()
  const stream = await files.stream(fileStream, { max_bytes: '10' })

  await stream.write([piece('much more than ten\n')])
  await stream.write([piece('and again\n')])

  assert.deepEqual(files.names(), ['out.log'])
  assert.deepEqual(
    files.log.matching(/^warning stdout_stream\.max_bytes has no effect without stdout_stream\.backup_count$/).length,
    1,
  )
})

test('a file that somebody else empties or adds to is as large as it is', async () => {
  await using files = new StreamFolder()
  const stream = await files.stream(fileStream, { max_bytes: '30', backup_count: '2' })

  await stream.write([piece('twenty bytes of text\n')])
  truncateSync(files.path('out.log'))
  await stream.write([piece('one\n')])
  await stream.write([piece('twenty bytes of text\n')])
  assert.deepEqual(files.names(), ['out.log'])

  appendFileSync(files.path('out.log'), 'by somebody else\n')
  await stream.write([piece('two\n')])
  await stream.write([piece('three\n')])
  assert.equal(files.read(), 'three\n')
})

test('a file that was deleted is there again with the next line, its folder too', async () => {
  await using files = new StreamFolder()
  const stream = await files.stream(fileStream, { filename: files.path('logs/out.log') })
  await stream.write([piece('one\n')])

  rmSync(files.path('logs/out.log'))
  await stream.write([piece('two\n')])
  assert.equal(files.read('logs/out.log'), 'two\n')

  rmSync(files.path('logs'), { recursive: true })
  await stream.write([piece('three\n')])
  await stream.write([piece('four\n')])
  assert.equal(files.read('logs/out.log'), 'three\nfour\n')
})

test('several streams make the folder that is missing for all of them, and a link to nothing leads to a file', async () => {
  await using files = new StreamFolder()
  symlinkSync('target.log', files.path('link.log'))

  const names = ['logs/a.log', 'logs/b.log', 'logs/c.log', 'link.log']
  const streams = await Promise.all(names.map((name) => files.stream(fileStream, { filename: files.path(name) })))
  for (const stream of streams) await stream.write([piece('line\n')])

  for (const name of [...names, 'target.log']) assert.equal(files.read(name), 'line\n')
})

test('a file that was moved is written on until the stream is told to reopen', async () => {
  await using files = new StreamFolder()
  const stream = await files.stream(fileStream)
  await stream.write([piece('one\n')])

  renameSync(files.path('out.log'), files.path('moved'))
  await stream.write([piece('two\n')])
  await stream.reopen?.()
  await stream.write([piece('three\n')])

  assert.equal(files.read('moved'), 'one\ntwo\n')
  assert.equal(files.read(), 'three\n')
})

test('mode is that of new files, whatever the umask, and of rotated ones', async () => {
  await using files = new StreamFolder()
  writeFileSync(files.path('old.log'), '', { mode: 0o600 })
  const modeOf = (name: string) => (statSync(files.path(name)).mode & 0o7777).toString(8)

  const stream = await files.stream(fileStream, { mode: '0666', max_bytes: '10', backup_count: '1' })
  await files.stream(fileStream, { filename: files.path('old.log'), mode: '666' })
  await stream.write([piece('one line\n'), piece('two lines\n')])

  assert.deepEqual(['out.log', 'out.log.1', 'old.log'].map(modeOf), ['666', '666', '600'])
})

test('what is no regular file is never moved', async () => {
  await using files = new StreamFolder()
  symlinkSync('/dev/null', files.path('null'))
  const options = { filename: files.path('null'), max_bytes: '10', backup_count: '1' }
  const stream = await files.stream(fileStream, options)

  await stream.write([piece('one line\ntwo lines\nthree lines\n')])
  await stream.write([piece('one line\ntwo lines\nthree lines\n')])

  assert.deepEqual(files.names(), ['null'])
})

test('wrong options are told, with what to write instead', async () => {
  await using files = new StreamFolder()
  const wrong = async (options: Readonly<Record<string, string>>) => {
    const error = await files.stream(fileStream, options).then(
      () => new Error('none'),
      (error: Error) => error,
    )
    return error.message
  }

  assert.equal(await wrong({ filename: '' }), 'filename: it must be the path of a file')
  assert.equal(await wrong({ filename: '/var/log/' }), 'filename: it is a folder: add the name of a file')
  assert.equal(await wrong({ filename: '~/out.log' }), 'filename: ~ is not replaced here: write the whole path')
  assert.equal(await wrong({ mode: '9' }), 'mode: it must be an octal number like 640 or 0644')
  assert.match(await wrong({ max_bytes: 'many' }), /^max_bytes: it must be a number of bytes/)
  assert.match(await wrong({ backup_count: '-1', compress: 'zip' }), /^backup_count: .*; compress: .* gzip, none$/)
  mkdirSync(files.path('folder'))
  assert.match(await wrong({ filename: files.path('folder') }), /^EISDIR/)
  assert.match(await wrong({ filename: files.path('no/such/folder') }), /^ENOENT/)
})
