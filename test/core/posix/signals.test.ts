import assert from 'node:assert/strict'
import { test } from 'node:test'
import { signalName, signalNumber } from '../../../core/posix/signals.ts'

for (const [text, number] of [
  ['15', 15],
  [15, 15],
  ['TERM', 15],
  ['SIGTERM', 15],
  ['sigterm', 15],
  ['term', 15],
  [' HUP ', 1],
  ['SIGRTMIN', 34],
  ['SIGRTMIN+1', 35],
  ['rtmin + 2', 36],
  ['SIGRTMAX-1', 63],
  ['64', 64],
  ['0', null],
  ['65', null],
  ['SIGRTMAX+1', null],
  ['SIGNOTHING', null],
  ['', null],
  ['-9', null],
  ['9.5', null],
  ['constructor', null],
] as const) {
  test(`the signal ${JSON.stringify(text)} is ${number}`, () => {
    assert.equal(signalNumber(text), number)
  })
}

test('signals have names, but for those in the middle of the real-time ones', () => {
  assert.equal(signalName(9), 'SIGKILL')
  assert.equal(signalName(40), 'signal 40')
})
