import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fuzz } from './fuzz.ts'
import { judge, summarize } from './judge.ts'

const seed = 20_240

test('thousands of mad requests from many clients leave the daemon as it was', async (context) => {
  const report = await fuzz({ requests: 5_000, seed })
  context.diagnostic(`seed ${seed}: ${summarize(report)}`)
  assert.deepEqual(judge(report), [], `seed ${seed}`)
})
