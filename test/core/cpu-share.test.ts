import assert from 'node:assert/strict'
import { test } from 'node:test'
import { see } from '../../core/cpu-share.ts'
import type { ProcessStat } from '../../core/posix/process-stat.ts'

test('who looks twice at a process that has just begun sees what it has worked meanwhile', () => {
  const bornAt = Date.now() / 1000
  const stat = (cpuSeconds: number) => ({ startTime: 1, cpuSeconds, createdAt: bornAt }) as ProcessStat
  const first = see(stat(0), undefined)
  assert.equal(first.percent, 0)
  const second = see(stat(0.05), first)
  assert.ok(second.percent > 0)
  // What comes next is measured from the first look.
  assert.deepEqual([second.at, second.cpuSeconds], [first.at, 0])
})
