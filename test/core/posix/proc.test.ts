import assert from 'node:assert/strict'
import { test } from 'node:test'
import { childrenOf, descendantsOf, type ProcessEntry, processEntry, processTable } from '../../../core/posix/proc.ts'
import { temporaryFolder, untilTrue } from '../../harness/index.ts'
import { program, Running } from './running.ts'

const entry = (pid: number, parent: number, session = 1, zombie = false): ProcessEntry => ({
  pid,
  parent,
  session,
  zombie,
  startTime: pid,
})
const pids = (entries: readonly ProcessEntry[]) => entries.map(({ pid }) => pid).sort((a, b) => a - b)

test('descendants are found through sessions and generations, zombies and the root left out', () => {
  const table = [
    entry(10, 1, 10),
    entry(11, 10, 10),
    entry(12, 11, 12),
    entry(13, 12, 13),
    entry(14, 10, 10, true),
    entry(15, 14, 15),
    // Its parent has ended; it is still in the session.
    entry(16, 1, 10),
    entry(17, 16, 17),
    entry(20, 1, 20),
  ]
  assert.deepEqual(pids(descendantsOf(10, table)), [11, 12, 13, 15, 16, 17])
  assert.deepEqual(pids(descendantsOf([10, 20], table)), [11, 12, 13, 15, 16, 17])
  assert.deepEqual(pids(descendantsOf([10, 12], table)), [11, 13, 15, 16, 17])
  assert.deepEqual(descendantsOf([], table), [])
  assert.deepEqual(pids(childrenOf(10, table)), [11])
})

test('the table holds this process, and a process that is not there has no entry', () => {
  const me = processTable().find(({ pid }) => pid === process.pid)
  assert.equal(me?.parent, process.ppid)
  assert.equal(me?.zombie, false)
  assert.equal(processEntry(2 ** 30), null)
})

test('the name of a program may hold blanks and parentheses', async () => {
  using folder = temporaryFolder()
  const name = folder.path('a) Z 1 2 (b')
  const { copyFileSync } = await import('node:fs')
  copyFileSync('/bin/sleep', name)
  await using running = new Running({ argv: [name, '60'] })
  const found = processEntry(running.pid)
  assert.equal(found?.parent, process.pid)
  assert.equal(found?.session, running.pid)
  assert.equal(found?.zombie, false)
})

test('children in other sessions are descendants of a real process', async () => {
  await using running = new Running({ argv: [program('hides-its-children.sh')] })
  const child = Number((await running.line(/^child/)).split(' ')[1])
  const grandchild = Number((await running.line(/^grandchild/)).split(' ')[1])
  await untilTrue(() => running.process.descendants().length >= 3)
  const found = pids(running.process.descendants())
  assert.ok(found.includes(child) && found.includes(grandchild))
})
