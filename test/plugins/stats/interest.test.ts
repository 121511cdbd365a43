import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Interest } from '../../../plugins/stats/interest.ts'

const interestIn = (...beginnings: string[]) => {
  const interest = new Interest()
  interest.update(new Set(beginnings))
  return interest
}

test('a beginning of a topic stands for all topics that begin so', () => {
  for (const all of ['', 's', 'stat', 'stat.']) {
    assert.ok(interestIn(all).inAnything)
    assert.ok(interestIn(all).in('stat.web'))
  }
  assert.ok(interestIn('stat.we').in('stat.web'))
  assert.ok(interestIn('stat.web.71').in('stat.web'))
  assert.ok(!interestIn('stat.web.71').in('stat.we'))
  assert.ok(!interestIn('stat.db').in('stat.web'))
})

test('nobody is interested in what has another name, or nobody wants', () => {
  assert.ok(!interestIn().inAnything)
  assert.ok(!interestIn('watcher.', 'statistics').inAnything)
})

test('who wants ever so many is told all, at no greater cost', () => {
  const many = Array.from({ length: 1000 }, (_, at) => `stat.w${at}`)
  assert.ok(interestIn(...many).in('stat.other'))
})
