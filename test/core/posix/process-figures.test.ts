import assert from 'node:assert/strict'
import { memoryUsage, ppid } from 'node:process'
import { test } from 'node:test'
import { childrenOf, processEntry } from '../../../core/posix/proc.ts'
import { ChildFinder, processFigures } from '../../../core/posix/process-figures.ts'

test('the figures of a process are those the kernel has', () => {
  const figures = processFigures(process.pid)!
  const { user, system } = process.cpuUsage()
  assert.equal(figures.startTime, processEntry(process.pid)!.startTime)
  assert.equal(figures.uid, process.getuid!())
  assert.equal(figures.zombie, false)
  assert.ok(figures.threads > 1)
  assert.ok(Math.abs(figures.cpuSeconds - (user + system) / 1e6) < 1)
  assert.ok(Math.abs(figures.rssBytes / memoryUsage.rss() - 1) < 0.5)
  assert.ok(figures.vmsBytes > figures.rssBytes)
  assert.ok(Math.abs(figures.createdAt - (Date.now() / 1000 - process.uptime())) < 3)
})

test('a process that is not there has none', () => {
  assert.equal(processFigures(2 ** 30), null)
})

test('children are those of the process table', () => {
  const found = new ChildFinder().of(processFigures(ppid)!)
  assert.ok(found.includes(process.pid))
  const known = childrenOf(ppid).map(({ pid }) => pid)
  assert.ok(known.includes(process.pid))
})
