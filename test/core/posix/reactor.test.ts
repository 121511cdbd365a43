import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { closeSync, readSync, writeSync } from 'node:fs'
import { test } from 'node:test'
import { openPipe } from '../../../core/posix/pipes.ts'
import { type Watch, watchReadable } from '../../../core/posix/reactor.ts'
import { untilTrue } from '../../harness/index.ts'
import { program } from './running.ts'

/** Two pipes with something to read, of which the first to be told of ends the other's watch. */
function twoReady() {
  const pipes = [openPipe(null), openPipe(null)]
  for (const { writeEnd } of pipes) writeSync(writeEnd, 'x')
  return pipes.map(({ readEnd, writeEnd }) => ({ readEnd, writeEnd })) as [
    { readEnd: number; writeEnd: number },
    { readEnd: number; writeEnd: number },
  ]
}

test('a listener whose watch another one ends in the same batch is not called', async () => {
  const [a, b] = twoReady()
  let calls = 0
  const watches: Watch[] = []
  const only = () => {
    calls++
    for (const watch of watches) watch.end()
  }
  watches.push(watchReadable(a.readEnd, only), watchReadable(b.readEnd, only))
  await untilTrue(() => calls > 0)
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(calls, 1)
  for (const fd of [a.readEnd, a.writeEnd, b.readEnd, b.writeEnd]) closeSync(fd)
})

test('a descriptor that is closed and used again within one batch does no harm', async () => {
  const [a, b] = twoReady()
  const watches = new Map<number, Watch>()
  const reads: string[] = []
  let again: { readEnd: number; writeEnd: number } | undefined
  let left: { readEnd: number; writeEnd: number } | undefined
  const swap = (own: { readEnd: number; writeEnd: number }, other: { readEnd: number; writeEnd: number }) => () => {
    if (again) return
    left = own
    for (const watch of watches.values()) watch.end()
    closeSync(other.readEnd)
    closeSync(other.writeEnd)
    again = openPipe(null)
    // Most likely the number of the pipe that was closed, whose readiness is still in the batch.
    watches.set(
      again.readEnd,
      watchReadable(again.readEnd, () => {
        try {
          reads.push(String(readSync(again!.readEnd, Buffer.alloc(8))))
        } catch (error) {
          reads.push((error as NodeJS.ErrnoException).code!)
        }
      }),
    )
  }
  watches.set(a.readEnd, watchReadable(a.readEnd, swap(a, b)))
  watches.set(b.readEnd, watchReadable(b.readEnd, swap(b, a)))
  await untilTrue(() => again !== undefined)
  await new Promise((resolve) => setTimeout(resolve, 20))
  // Called once too often at most, and then there is nothing to read.
  assert.deepEqual(reads.slice(1), [])
  assert.ok(['EAGAIN', undefined].includes(reads[0]))
  writeSync(again!.writeEnd, 'abc')
  await untilTrue(() => reads.at(-1) === '3')
  watches.get(again!.readEnd)!.end()
  for (const fd of [again!.readEnd, again!.writeEnd]) closeSync(fd)
  for (const fd of [left!.readEnd, left!.writeEnd]) closeSync(fd)
})

test('many descriptors at once are all told of', async () => {
  const pipes = Array.from({ length: 300 }, () => openPipe(null))
  const told = new Set<number>()
  const watches = pipes.map(({ readEnd }) =>
    watchReadable(readEnd, () => {
      readSync(readEnd, Buffer.alloc(8))
      told.add(readEnd)
    }),
  )
  for (const { writeEnd } of pipes) writeSync(writeEnd, 'x')
  await untilTrue(() => told.size === pipes.length)
  for (const watch of watches) watch.end()
  for (const { readEnd, writeEnd } of pipes) for (const fd of [readEnd, writeEnd]) closeSync(fd)
})

test('a descriptor that cannot be watched is an error', () => {
  assert.throws(() => watchReadable(9999, () => {}), { code: 'ERR_SYSTEM_CALL', message: /EBADF/ })
})

test('a program ends as it should while a descriptor that it watches is readable', () => {
  const { status, stderr } = spawnSync(process.execPath, [program('exits-at-once.ts')], { encoding: 'utf8' })
  assert.deepEqual([status, stderr], [7, ''])
})

test('what a listener throws is an uncaught exception like any other', () => {
  const { status, stdout } = spawnSync(process.execPath, [program('throws-in-a-watch.ts')], { encoding: 'utf8' })
  assert.deepEqual([status, stdout], [9, 'uncaught: thrown in a watch\n'])
})
