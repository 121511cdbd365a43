import assert from 'node:assert/strict'
import test from 'node:test'
import { sparkline } from '../../cli/circus-top/sparkline.ts'

test('a minute is drawn with the newest to the right, and blanks for what nobody has seen', () => {
  assert.equal(sparkline([0, 50, 100], 6, 6), '   ▁▅█')
  assert.equal(sparkline([50, undefined, 100], 3, 3), '▅ █')
})

test('where there is less room each sign is the highest of its seconds, so that a peak is seen', () => {
  assert.equal(sparkline([0, 0, 100, 0, 0, 0], 2, 6), '█▁')
})

test('a little is drawn as little: the tallest sign is ten percent at least', () => {
  assert.equal(sparkline([1, 1], 2, 2), '▂▂')
  assert.equal(sparkline([100, 100], 2, 2), '██')
})

test('it is never wider than asked for, nor than the seconds that it shows', () => {
  const minute = Array.from({ length: 60 }, () => 5)
  for (const width of [0, 1, 10, 59, 60, 61, 80]) assert.equal(sparkline(minute, width, 60).length, width)
  assert.match(sparkline(minute, 70, 60), /^ {10}▅{60}$/)
})

test('a terminal without Unicode gets other signs', () => {
  assert.equal(sparkline([0, 100], 2, 2, '_#'), '_#')
})
