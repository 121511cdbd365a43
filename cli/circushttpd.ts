import { begin } from './begin.ts'
import { parseConsoleLine, usage } from './circushttpd/options.ts'

/**
 * `circushttpd`: serve the web console of a daemon, from a process beside it, until a signal ends that. Sets
 * `process.exitCode`: 0 stopped when asked, 1 it cannot run, 2 wrong usage.
 */
export const main = (argv: string[]): Promise<void> =>
  begin('circushttpd', usage, parseConsoleLine(argv), async (options) => {
    const { serveConsole } = await import('./circushttpd/run.ts')
    await serveConsole(options)
  })
