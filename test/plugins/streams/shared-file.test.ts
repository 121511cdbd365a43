import assert from 'node:assert/strict'
import { linkSync, renameSync, symlinkSync } from 'node:fs'
import { test } from 'node:test'
import { fileStream } from '../../../plugins/streams/file-stream.ts'
import { piece, StreamFolder } from './files.ts'

const rotating = { max_bytes: '20', backup_count: '3' }

test('two streams to one file rotate it once, and each writes its own prefix', async () => {
  await using files = new StreamFolder()
  const one = await files.stream(fileStream, { ...rotating, max_bytes: '24', time_format: '' })
  const two = await files.stream(fileStream, { ...rotating, max_bytes: '24' }, { kind: 'stderr' })

  await Promise.all([one.write([piece('one\n')]), two.write([piece('two\n', { kind: 'stderr' })])])
  await Promise.all([one.write([piece('three\n')]), two.write([piece('four\n', { kind: 'stderr' })])])

  assert.deepEqual(files.names(), ['out.log', 'out.log.1'])
  assert.equal(files.read('out.log.1'), ' [4711] | one\ntwo\n')
  assert.equal(files.read(), ' [4711] | three\nfour\n')
})

test('only whole lines are of use while several write to a file', async () => {
  await using files = new StreamFolder()
  const one = await files.stream(fileStream)
  assert.equal(one.wholeLines, false)

  const two = await files.stream(fileStream, {}, { kind: 'stderr' })
  assert.deepEqual([one.wholeLines, two.wholeLines], [true, true])

  await files.close(two)
  assert.equal(one.wholeLines, false)
})

test('a file that is called by other names is still one file', async () => {
  await using files = new StreamFolder()
  const one = await files.stream(fileStream, rotating)
  symlinkSync('out.log', files.path('link.log'))
  linkSync(files.path('out.log'), files.path('second.log'))
  const options = (name: string) => ({ filename: files.path(name) })
  const others = [
    await files.stream(fileStream, options('link.log')),
    await files.stream(fileStream, options('second.log')),
    await files.stream(fileStream, options('../'.concat(files.folder.root.split('/').pop()!, '/out.log'))),
  ]
  assert.ok([one, ...others].every(({ wholeLines }) => wholeLines))

  await one.write([piece('begun, and ')])
  for (const [at, other] of others.entries()) await other.write([piece(`${at}\n`, { pid: at })])

  assert.equal(files.read(), 'begun, and \n0\n1\n2\n')
})

test('a second name is looked up anew when the first one has another file', async () => {
  await using files = new StreamFolder()
  const one = await files.stream(fileStream)
  linkSync(files.path('out.log'), files.path('second.log'))
  const two = await files.stream(fileStream, { filename: files.path('second.log') })
  await two.write([piece('one\n')])

  renameSync(files.path('out.log'), files.path('moved.log'))
  await one.reopen?.()
  await one.write([piece('two\n')])
  await two.write([piece('three\n', { pid: 2 })])

  assert.equal(files.read(), 'two\n')
  assert.equal(files.read('second.log'), 'one\nthree\n')
})

test('streams that would rotate one file in two ways follow the first that rotates it, and are told', async () => {
  await using files = new StreamFolder()
  const plain = await files.stream(fileStream)
  const one = await files.stream(fileStream, rotating)
  const two = await files.stream(fileStream, { max_bytes: '1MB', backup_count: '1' }, { kind: 'stderr' })

  for (const stream of [plain, one, two]) await stream.write([piece('ten bytes\n')])
  assert.deepEqual(files.names(), ['out.log', 'out.log.1', 'out.log.2'])
  const [warning] = files.log.matching(/^warning/)
  assert.match(warning!, /stderr_stream of web and stdout_stream of web .* max_bytes = 20, .* not max_bytes = 1048576,/)

  await files.close(one)
  for (const stream of [plain, two]) await stream.write([piece('ten bytes\n')])
  assert.equal(files.names().length, 3)
})

test('a file whose stream was replaced by another is opened again', async () => {
  await using files = new StreamFolder()
  const before = await files.stream(fileStream)
  await before.write([piece('one\n')])
  const after = await files.stream(fileStream, rotating)
  await files.close(before)

  await after.write([piece('two\n'), piece('two and a half\n'), piece('three\n')])

  assert.equal(files.read(), 'three\n')
})
