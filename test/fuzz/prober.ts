import { CircusClient } from '../../core/index.ts'
import { percentile } from '../bench/statistics.ts'

// A process of its own, so that it measures the daemon and not whoever keeps the daemon busy:
//   node prober.ts ENDPOINT
// Asks `numwatchers` every few milliseconds; for each line on stdin it writes what it took since the last one, as JSON.

const [endpoint = ''] = process.argv.slice(2)
await using client = new CircusClient({ endpoint, timeoutMs: 20_000 })
let took: number[] = []

const timer = setInterval(async () => {
  const begin = performance.now()
  await client.call('numwatchers').catch(() => took.push(Number.POSITIVE_INFINITY))
  took.push(performance.now() - begin)
}, 5)

for await (const _ of process.stdin) {
  const [p50, p99, max] = [50, 99, 100].map((percent) => percentile(took, percent))
  process.stdout.write(`${JSON.stringify({ count: took.length, p50, p99, max })}\n`)
  took = []
}
clearInterval(timer)
