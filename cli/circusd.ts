import { parseCommandLine, usage } from './circusd/options.ts'

/**
 * `circusd`: run a configuration, or check it. Everything beyond the command line is imported when it is needed.
 * Sets `process.exitCode`: 0 done or stopped when asked, 1 the configuration or the start failed, 2 wrong usage,
 * 3 stopped at once by a second signal.
 */
export async function main(argv: string[]): Promise<void> {
  const line = parseCommandLine(argv)
  switch (line.id) {
    case 'wrong':
      process.stderr.write(`circusd: ${line.reason}\n${usage}`)
      process.exitCode = 2
      return
    case 'help': {
      const { help } = await import('./circusd/help.ts')
      process.stdout.write(help)
      return
    }
    case 'version': {
      const { version } = await import('./version.ts')
      process.stdout.write(`${version()}\n`)
      return
    }
    case 'check': {
      const { check } = await import('./circusd/check.ts')
      process.exitCode = await check(line.file, line.json)
      return
    }
    case 'daemon': {
      const { daemonize } = await import('./circusd/daemonize.ts')
      process.exitCode = await daemonize(argv)
      return
    }
    case 'run': {
      const { run } = await import('./circusd/run.ts')
      await run(line.options)
      return
    }
    default:
      line satisfies never
  }
}
