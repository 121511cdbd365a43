import { begin } from './begin.ts'
import { parseStatsLine, usage } from './circusd-stats/options.ts'

/**
 * `circusd-stats`: publish what the processes of a daemon use, from a process beside it, until a signal ends that. Sets
 * `process.exitCode`: 0 stopped when asked, 1 it cannot run, 2 wrong usage.
 */
export const main = (argv: string[]): Promise<void> =>
  begin('circusd-stats', usage, parseStatsLine(argv), async (options) => {
    const { publishStats } = await import('./circusd-stats/run.ts')
    await publishStats(options)
  })
