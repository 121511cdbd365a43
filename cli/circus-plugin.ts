import { parsePluginLine, usage } from './circus-plugin/options.ts'

/**
 * `circus-plugin`: run one plugin in this process against any daemon, until a signal ends it. Sets
 * `process.exitCode`: 0 stopped when asked, 1 it cannot run, 2 wrong usage.
 */
export async function main(argv: string[]): Promise<void> {
  const line = parsePluginLine(argv)
  switch (line.id) {
    case 'wrong':
      process.stderr.write(`circus-plugin: ${line.reason}\n${usage}`)
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
      const { runByHand } = await import('./circus-plugin/run.ts')
      await runByHand(line.options)
      return
    }
    default:
      line satisfies never
  }
}
