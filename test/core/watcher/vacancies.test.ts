import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Process } from '../../../core/process.ts'
import { pauseAfter, shortLivesAfter, Vacancies, vacantAt } from '../../../core/vacancies.ts'

const pauses = { firstMs: 100, longestMs: 30_000 }

/** The pauses after lives of these lengths, in milliseconds. */
function pausesAfter(...lives: number[]): number[] {
  let shortLives = 0
  return lives.map((livedMs) => {
    shortLives = shortLivesAfter(shortLives, livedMs)
    return pauseAfter(shortLives, livedMs, pauses)
  })
}

test('the pause doubles with each short life, up to its limit', () => {
  assert.deepEqual(pausesAfter(0, 0, 0, 999), [100, 200, 400, 800])
  assert.deepEqual(pausesAfter(...Array(12).fill(5)).slice(-4), [25_600, 30_000, 30_000, 30_000])
  assert.equal(pauseAfter(5000, 0, pauses), 30_000)
})

test('who lived for a second is replaced at once', () => {
  assert.deepEqual(pausesAfter(1000, 5000), [0, 0])
})

test('a life of ten seconds makes good for the short ones, a shorter one does not', () => {
  assert.deepEqual(pausesAfter(0, 0, 10_000, 0), [100, 200, 0, 100])
  assert.deepEqual(pausesAfter(0, 0, 9999, 0), [100, 200, 0, 400])
})

test('where longer lives count as short, they are followed by a pause as well', () => {
  const shortMs = 60_000
  assert.equal(shortLivesAfter(1, 59_999, shortMs), 2)
  assert.equal(pauseAfter(2, 59_999, { ...pauses, shortMs }), 200)
  assert.equal(shortLivesAfter(2, 60_000, shortMs), 0)
})

test('a first pause of nothing is none, and the longest is kept even when the first is longer', () => {
  assert.equal(pauseAfter(3, 0, { firstMs: 0, longestMs: 30_000 }), 0)
  assert.equal(pauseAfter(1, 0, { firstMs: 5000, longestMs: 200 }), 200)
})

test('the vacancy that is due first is taken first, those due last are dropped first', () => {
  const vacancies = new Vacancies()
  const batch = vacancies.open(2)
  for (const dueAt of [30, 10, 20]) vacancies.add(vacantAt(dueAt))
  vacancies.drop(1)
  assert.equal(vacancies.size, 4)
  assert.deepEqual(
    [1, 2, 3, 4].map(() =>
      (() => {
        const next = vacancies.peek()
        if (next) vacancies.remove(next)
        return next?.dueAt
      })(),
    ),
    [0, 0, 10, 20],
  )
  assert.equal(vacancies.peek(), undefined)
  assert.equal(batch.processes.length, 0)
})

test('a batch is done when each of its places was filled or dropped, and one of none at once', async () => {
  const vacancies = new Vacancies()
  assert.deepEqual(await vacancies.open(0).done, [])
  const batch = vacancies.open(3)
  const [first, second] = [{}, {}] as Process[]
  batch.filled(first!)
  vacancies.remove(vacancies.peek()!)
  batch.filled(second!)
  vacancies.remove(vacancies.peek()!)
  vacancies.drop(1)
  assert.deepEqual(await batch.done, [first, second])
})

test('clearing tells the error to those who wait', async () => {
  const vacancies = new Vacancies()
  const { done } = vacancies.open(2)
  vacancies.clear(new Error('stopped'))
  await assert.rejects(done, /stopped/)
  assert.equal(vacancies.size, 0)
})
