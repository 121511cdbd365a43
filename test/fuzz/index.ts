import { parseArgs } from 'node:util'
import { fuzz } from './fuzz.ts'
import { judge, summarize } from './judge.ts'

// node test/fuzz/index.ts [--requests 100000] [--seed N]

const { values } = parseArgs({
  options: { requests: { type: 'string', default: '100000' }, seed: { type: 'string' } },
})
const seed = Number(values.seed ?? Date.now() % 1_000_000)
console.log(`seed ${seed}`)
const report = await fuzz({ requests: Number(values.requests), seed })
console.log(summarize(report))
for (const problem of judge(report)) {
  console.error(problem)
  process.exitCode = 1
}
