import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Series } from '../../../plugins/stats/series.ts'

const rounded = (values: (number | null)[]) => values.map((value) => value && Math.round(value))

test('what was set is read again, and rows in between are empty', () => {
  const series = new Series(2, 600)
  series.set(100, [1, 10])
  series.set(103, [4, 40])
  assert.deepEqual(rounded(series.read(0, 98, 105)), [null, null, 1, null, null, 4, null, null])
  assert.deepEqual(rounded(series.read(1, 100, 103)), [10, null, null, 40])
})

test('a row that is set again has the later values, and an earlier one stays', () => {
  const series = new Series(1, 600)
  series.set(100, [1])
  series.set(100, [2])
  series.set(99, [7])
  assert.deepEqual(rounded(series.read(0, 99, 100)), [null, 2])
})

test('no more rows are kept than there are slots, and no more memory than they take', () => {
  const series = new Series(2, 600)
  for (let row = 0; row < 5000; row++) series.set(row, [row % 100, row % 100])
  assert.deepEqual(rounded(series.read(0, 4399, 4401)), [null, 0, 1])
  assert.deepEqual(rounded(series.read(1, 4998, 5000)), [98, 99, null])
  assert.equal(series.bytes, 600 * 2 * 2)
})

test('few rows take little memory', () => {
  const series = new Series(2, 600)
  assert.equal(series.bytes, 0)
  for (let row = 0; row < 32; row++) series.set(row, [row, row])
  assert.equal(series.bytes, 32 * 2 * 2)
})

test('rows stay while room is made for more, wherever they begin', () => {
  const series = new Series(1, 600)
  for (let row = 77; row < 377; row++) series.set(row, [row])
  assert.deepEqual(
    rounded(series.read(0, 77, 376)),
    Array.from({ length: 300 }, (_, i) => 77 + i),
  )
})

test('after a long time of nothing it begins anew', () => {
  const series = new Series(1, 600)
  series.set(100, [1])
  series.set(100_000, [2])
  assert.deepEqual(rounded(series.read(0, 99_998, 100_000)), [null, null, 2])
  assert.deepEqual(series.read(0, 100, 100), [null])
  series.forget(100_001)
  assert.equal(series.bytes, 0)
  assert.deepEqual(series.read(0, 100_000, 100_000), [null])
})

test('values are within 0.04 %, and zero and nothing are exact', () => {
  const series = new Series(1, 600)
  for (const value of [0.1, 3.7, 100, 6_400, 1_400_832, 2 ** 30, 2 ** 44]) {
    series.set(1, [value])
    const [read] = series.read(0, 1, 1)
    assert.ok(Math.abs(read! - value) <= (value + 1) * 0.0004, `${value} was read as ${read}`)
  }
  series.set(1, [0])
  assert.deepEqual(series.read(0, 1, 1), [0])
})
