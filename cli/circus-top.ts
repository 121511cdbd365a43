import { parseTopLine, usage } from './circus-top/options.ts'

/**
 * `circus-top`: watch what the processes of a daemon use, and act on them. Sets `process.exitCode`: 0 left, or printed; 1 the daemon
 * cannot be reached; 2 wrong usage; 3 the daemon answered with an error.
 */
export async function main(argv: string[]): Promise<void> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit() // its reader has seen enough: `circus-top | head`
    process.stderr.write(`circus-top: standard output: ${error.message}\n`)
    process.exit(1)
  })
  const line = parseTopLine(argv)
  switch (line.id) {
    case 'wrong':
      process.stderr.write(`circus-top: ${line.reason}\nSee circus-top --help\n`)
      process.exitCode = 2
      return
    case 'help':
      process.stdout.write(usage)
      return
    case 'version': {
      const { version } = await import('./version.ts')
      process.stdout.write(`circus-top ${version()}\n`)
      return
    }
    case 'run': {
      const { run } = await import('./circus-top/run.ts')
      process.exitCode = await run(line.options)
      return
    }
    default:
      line satisfies never
  }
}
