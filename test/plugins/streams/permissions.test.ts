import assert from 'node:assert/strict'
import { chmodSync, mkdirSync } from 'node:fs'
import { test } from 'node:test'
import { fileStream } from '../../../plugins/streams/file-stream.ts'
import { impatient, piece, TestOutlet } from '../../core/output/pieces.ts'
import { NOBODY } from '../../core/posix/running.ts'
import { StreamFolder } from './files.ts'

// Root may write to any file: from here on these tests are those of an ordinary user.
if (process.getuid!() === 0) process.seteuid!(NOBODY)

/** A machine that is busy is no failure. */
const patience = { ...impatient, stallMs: 15_000, closingMs: 15_000 }

test('a file that must not be written any more is awaited, and has all lines when it may be again', async () => {
  await using files = new StreamFolder()
  const { outlet, events, log } = new TestOutlet(() => files.stream(fileStream), patience)
  outlet.push(piece('one\n'))
  await outlet.open()

  chmodSync(files.path('out.log'), 0o400)
  await assert.rejects(outlet.reopen(), /EACCES/)
  outlet.push(piece('two\n'))
  outlet.push(piece('three\n'))
  await events.until((event) => event.startsWith('failure EACCES'))
  chmodSync(files.path('out.log'), 0o600)
  assert.equal(await events.until((event) => event.startsWith('recovery')), 'recovery 0 0')

  await outlet.close()
  assert.equal(files.read(), 'one\ntwo\nthree\n')
  assert.equal(log.matching(/EACCES/).length, 1)
})

test('a file in a folder that must not be entered from the beginning is there as soon as that is allowed', async () => {
  await using files = new StreamFolder()
  mkdirSync(files.path('logs'), { mode: 0o500 })
  const open = () => files.stream(fileStream, { filename: files.path('logs/out.log') })
  const { outlet, events } = new TestOutlet(open, patience)

  outlet.push(piece('one\n'))
  await events.until((event) => event.startsWith('failure EACCES'))
  chmodSync(files.path('logs'), 0o700)
  await events.until((event) => event === 'recovery 0 0')

  await outlet.close()
  assert.equal(files.read('logs/out.log'), 'one\n')
})

test('a file that cannot be moved grows on, which is told once, and loses nothing', async () => {
  await using files = new StreamFolder()
  mkdirSync(files.path('logs'))
  const stream = await files.stream(fileStream, {
    filename: files.path('logs/out.log'),
    max_bytes: '10',
    backup_count: '2',
  })

  chmodSync(files.path('logs'), 0o500)
  for (const line of ['one line\n', 'two lines\n', 'three lines\n']) await stream.write([piece(line)])

  chmodSync(files.path('logs'), 0o700)
  assert.equal(files.read('logs/out.log'), 'one line\ntwo lines\nthree lines\n')
  assert.equal(
    files.log.matching(/^error .*out\.log cannot be rotated, and grows on until it can be: EACCES/).length,
    1,
  )
})
