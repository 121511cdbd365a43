import { begin } from './begin.ts'
import { parsePluginLine, usage } from './circus-plugin/options.ts'

/**
 * `circus-plugin`: run one plugin in this process against any daemon, until a signal ends it. Sets
 * `process.exitCode`: 0 stopped when asked, 1 it cannot run, 2 wrong usage.
 */
export const main = (argv: string[]): Promise<void> =>
  begin('circus-plugin', usage, parsePluginLine(argv), async (options) => {
    const { runByHand } = await import('./circus-plugin/run.ts')
    await runByHand(options)
  })
