import assert from 'node:assert/strict'
import test from 'node:test'
import { unseen } from '../../../plugins/httpd/follow.ts'

const process = (pid: number, sequence: number, kept_from = 0) => ({ watcher: 'web', pid, sequence, kept_from })
const line = (pid: number, sequence: number, more: object = {}) => ({
  watcher: 'web',
  wid: 1,
  pid,
  stream: 'stdout' as const,
  time: 1,
  line: `to ${sequence}`,
  sequence,
  ...more,
})

test('each line is told once, one without its end when it has it, and what was not kept is told as a gap', () => {
  const seen = new Map<string, number>()
  const told = (processes: ReturnType<typeof process>[], lines: ReturnType<typeof line>[], isFirst = false) => {
    const output = unseen({ processes, lines, truncated: false }, seen, isFirst)
    return output && [output.lines.map((each) => `${each.pid} ${each.line}`), output.gap ?? false]
  }
  assert.deepEqual(told([process(1, 5)], [line(1, 5)], true), [['1 to 5'], false])
  assert.equal(told([process(1, 5)], [line(1, 5)]), undefined)
  assert.equal(told([process(1, 8)], [line(1, 5), line(1, 8, { unfinished: true })]), undefined)
  assert.deepEqual(told([process(1, 9), process(2, 3)], [line(1, 5), line(1, 9), line(2, 3)]), [
    ['1 to 9', '2 to 3'],
    false,
  ])
  assert.deepEqual(told([process(1, 99, 80), process(2, 3)], [line(1, 99), line(2, 3)]), [['1 to 99'], true])
  told([process(1, 99, 80)], [])
  assert.deepEqual([...seen.keys()], ['1 web'])
})
