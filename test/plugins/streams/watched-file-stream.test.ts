import assert from 'node:assert/strict'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { watchedFileStream } from '../../../plugins/streams/watched-file-stream.ts'
import { piece, StreamFolder } from './files.ts'

test('the first line after the file was moved is in a new one', async () => {
  await using files = new StreamFolder()
  const stream = await files.stream(watchedFileStream, { time_format: '', mode: '640' })

  await stream.write([piece('one\n')])
  renameSync(files.path('out.log'), files.path('out.log.1'))
  await stream.write([piece('two\n')])

  assert.equal(files.read('out.log.1'), ' [4711] | one\n')
  assert.equal(files.read(), ' [4711] | two\n')
})

test('so is it after the file was deleted, or another one was put in its place', async () => {
  await using files = new StreamFolder()
  const stream = await files.stream(watchedFileStream)

  await stream.write([piece('one\n')])
  rmSync(files.path('out.log'))
  await stream.write([piece('two\n')])
  assert.equal(files.read(), 'two\n')

  writeFileSync(files.path('other'), 'another\n')
  renameSync(files.path('other'), files.path('out.log'))
  await stream.write([piece('three\n')])
  assert.equal(files.read(), 'another\nthree\n')
})
