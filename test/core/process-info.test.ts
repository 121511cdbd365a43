import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GONE, humanBytes, minutesText } from '../../core/process-info.ts'
import { watchedProcessInfo } from '../../core/process-looks.ts'
import { startArbiter } from '../harness/index.ts'

test('bytes are written with two decimals and powers of 1024, below 1K as they are', () => {
  const cases: [number, string][] = [
    [0, '0B'],
    [1023, '1023B'],
    [1024, '1.00K'],
    [1_541_407, '1.47M'],
    [1024 ** 2 - 1, '1024.00K'],
    [1024 ** 3, '1.00G'],
    [10 * 1024 ** 4, '10.00T'],
  ]
  for (const [bytes, text] of cases) assert.equal(humanBytes(bytes), text)
})

test('processor time is written in minutes, seconds and hundredths', () => {
  const cases: [number, string][] = [
    [0, '0:00.00'],
    [0.05, '0:00.05'],
    [59.99, '0:59.99'],
    [60, '1:00.00'],
    [3725.4, '62:05.40'],
  ]
  for (const [seconds, text] of cases) assert.equal(minutesText(seconds), text)
})

test('of a process that has ended a text tells', async () => {
  await using running = await startArbiter('[watcher:web]\ncmd = sleep 60\n')
  const watcher = running.arbiter.watcher('web')
  const [process] = watcher.processes
  await watcher.stop()
  assert.equal(await watchedProcessInfo(process!, 0), GONE)
  assert.equal(GONE, 'No such process (stopped?)')
})
