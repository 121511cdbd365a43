import { parseStatsLine, usage } from './circusd-stats/options.ts'

/**
 * `circusd-stats`: publish what the processes of a daemon use, from a process beside it, until a signal ends that. Sets
 * `process.exitCode`: 0 stopped when asked, 1 it cannot run, 2 wrong usage.
 */
export async function main(argv: string[]): Promise<void> {
  const line = parseStatsLine(argv)
  switch (line.id) {
    case 'wrong':
      process.stderr.write(`circusd-stats: ${line.reason}\n${usage}`)
      process.exitCode = 2
      return
    case 'help':
      process.stdout.write(usage)
      return
    case 'version': {
      const { version } = await import('./version.ts')
      process.stdout.write(`${version()}\n`)
      return
    }
    case 'run': {
      const { publishStats } = await import('./circusd-stats/run.ts')
      await publishStats(line.options)
      return
    }
    default:
      line satisfies never
  }
}
