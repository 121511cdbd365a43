import { percentile } from '../statistics.ts'

/** Asks once, and resolves when the whole answer is there. */
export type Ask = () => Promise<unknown>

/** What many answers took, in milliseconds. */
export interface Latencies {
  readonly p50: number
  readonly p99: number
  readonly perSecond: number
}

/** Ask again and again, by one or more askers at once, each when it has its answer. */
export async function latencies(asks: readonly Ask[], count: number): Promise<Latencies> {
  const took: number[] = []
  const begin = performance.now()
  await Promise.all(
    asks.map(async (ask) => {
      for (let done = 0; done < count; done++) {
        const asked = performance.now()
        await ask()
        took.push(performance.now() - asked)
      }
    }),
  )
  const seconds = (performance.now() - begin) / 1_000
  return { p50: percentile(took, 50)!, p99: percentile(took, 99)!, perSecond: took.length / seconds }
}
