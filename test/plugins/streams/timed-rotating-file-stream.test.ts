import assert from 'node:assert/strict'
import { utimesSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { timedRotatingFileStream } from '../../../plugins/streams/timed-rotating-file-stream.ts'
import { piece, StreamFolder } from './files.ts'

process.env['TZ'] = 'Europe/Berlin'

const at = (moment: string) => ({ time: Date.parse(moment) })

/** A file that was written last at a moment. */
function leave(files: StreamFolder, moment: string, text = 'before\n'): void {
  writeFileSync(files.path('out.log'), text)
  utimesSync(files.path('out.log'), new Date(moment), new Date(moment))
}

test('what was read before midnight is in the file of the day, what was read after it in the next one', async () => {
  await using files = new StreamFolder()
  leave(files, '2026-11-23T12:00:00+01:00')
  const stream = await files.stream(timedRotatingFileStream, { rotate_when: 'MIDNIGHT' })

  await stream.write([
    piece('23rd\n', at('2026-11-23T23:59:59.999+01:00')),
    piece('24th\n', at('2026-11-24T00:00:00+01:00')),
    piece('25th\n', at('2026-11-25T08:00:00+01:00')),
    piece('25th, later\n', at('2026-11-25T23:59:00+01:00')),
  ])

  assert.deepEqual(files.names(), ['out.log', 'out.log.20261123', 'out.log.20261124'])
  assert.equal(files.read('out.log.20261123'), 'before\n23rd\n')
  assert.equal(files.read('out.log.20261124'), '24th\n')
  assert.equal(files.read(), '25th\n25th, later\n')
})

test('only so many old files are kept, others of the folder are left alone', async () => {
  await using files = new StreamFolder()
  for (const name of ['out.log.20260101', 'out.log.2026010112', 'out.log.1', 'other.log.20260101']) {
    files.folder.write(name, '')
  }
  leave(files, '2026-11-20T12:00:00+01:00')
  const stream = await files.stream(timedRotatingFileStream, { rotate_when: 'd', backup_count: '2' })

  for (const day of [21, 22, 23]) await stream.write([piece(`${day}\n`, at(`2026-11-${day}T12:00:00+01:00`))])

  const kept = ['out.log.1', 'out.log.20261121', 'out.log.20261122', 'out.log.2026010112']
  assert.deepEqual(files.names(), ['other.log.20260101', 'out.log', ...kept].sort())
})

test('both hours from two to three at the end of summer time are kept', async () => {
  await using files = new StreamFolder()
  leave(files, '2026-10-25T02:00:00+02:00', 'summer time\n')
  const stream = await files.stream(timedRotatingFileStream, { rotate_when: 'H', backup_count: '2' })

  await stream.write([piece('winter time\n', at('2026-10-25T02:00:00+01:00'))])
  await stream.write([piece('three\n', at('2026-10-25T03:00:00+01:00'))])
  assert.deepEqual(files.names(), ['out.log', 'out.log.2026102502', 'out.log.2026102502.1'])
  assert.equal(files.read('out.log.2026102502'), 'summer time\n')
  assert.equal(files.read('out.log.2026102502.1'), 'winter time\n')

  await stream.write([piece('four\n', at('2026-10-25T04:00:00+01:00'))])
  assert.deepEqual(files.names(), ['out.log', 'out.log.2026102502.1', 'out.log.2026102503'])
})

test('with utc, days are those of UTC', async () => {
  await using files = new StreamFolder()
  leave(files, '2026-11-23T12:00:00Z')
  const stream = await files.stream(timedRotatingFileStream, { rotate_when: 'midnight', utc: 'yes' })

  await stream.write([piece('same day\n', at('2026-11-24T00:30:00+01:00'))])
  await stream.write([piece('next day\n', at('2026-11-24T01:00:00+01:00'))])

  assert.equal(files.read('out.log.20261123'), 'before\nsame day\n')
})

test('nothing is rotated while nothing is written, and an empty file is not kept', async () => {
  await using files = new StreamFolder()
  leave(files, '2026-11-20T12:00:00+01:00', '')
  const stream = await files.stream(timedRotatingFileStream, { rotate_when: 'H' })

  await stream.write([piece('line\n', at('2026-11-23T12:00:00+01:00'))])

  assert.deepEqual(files.names(), ['out.log'])
})

test('rotate_when has to be there, and to be one that there is', async () => {
  await using files = new StreamFolder()
  await assert.rejects(files.stream(timedRotatingFileStream), /^Error: rotate_when: it is missing$/)
  await assert.rejects(
    files.stream(timedRotatingFileStream, { rotate_when: 'W7', rotate_interval: '0' }),
    /rotate_when: it must be one of S, M, H, D, midnight, W0, .*; rotate_interval: it must be an integer from 1/,
  )
})
