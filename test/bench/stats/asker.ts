import { RawClient } from '../control/raw-client.ts'
import { percentile } from '../statistics.ts'

// A process of its own, so that what it measures is the daemon's time and not the benchmark's:
//   node asker.ts ENDPOINT COUNT
// It asks `stats` COUNT times in a row, and meanwhile, over another connection, `list` again and again.

/** What the answers took, in milliseconds. */
export interface AnswerFigures {
  readonly stats: Percentiles
  /** While the daemon was busy with the other. */
  readonly list: Percentiles
}

interface Percentiles {
  readonly p50: number
  readonly p99: number
  readonly worst: number
}

const [endpoint = '', count = ''] = process.argv.slice(2)
const [first, second] = [new RawClient(endpoint), new RawClient(endpoint)]
let isAsking = true

const timed = async (client: RawClient, command: string, took: number[]) => {
  const asked = performance.now()
  await client.ask(command, {})
  took.push(performance.now() - asked)
}
const figures = (took: readonly number[]): Percentiles => ({
  p50: percentile(took, 50)!,
  p99: percentile(took, 99)!,
  worst: Math.max(...took),
})

for (let warmUp = 0; warmUp < 10; warmUp++) await timed(first, 'stats', [])
for (let warmUp = 0; warmUp < 200; warmUp++) await timed(second, 'list', [])
const [stats, list]: [number[], number[]] = [[], []]
const asking = (async () => {
  for (let asked = 0; asked < Number(count); asked++) await timed(first, 'stats', stats)
  isAsking = false
})()
while (isAsking) await timed(second, 'list', list)
await asking
process.stdout.write(JSON.stringify({ stats: figures(stats), list: figures(list) } satisfies AnswerFigures))
first.close()
second.close()
