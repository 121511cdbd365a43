import { commandLoaders } from './circusctl/commands/index.ts'
import { arrange, nameFirst, readLine, wordsForOclif } from './circusctl/read-line.ts'

/**
 * `circusctl`: ask a running daemon. Sets `process.exitCode`: 0 done, 1 the daemon cannot be reached, 2 wrong usage,
 * 3 the daemon answered with an error.
 */
export async function main(argv: string[]): Promise<void> {
  // The reader of a pipe may have seen enough: `circusctl listen | head`.
  process.stdout.on('error', () => process.exit())
  const [name = '', ...words] = nameFirst(argv)
  if (name === '--version') {
    const { version } = await import('./version.ts')
    process.stdout.write(`${version()}\n`)
    return
  }
  const command = Object.hasOwn(commandLoaders, name) ? await commandLoaders[name]?.() : undefined
  if (!command) return oclif(name === '' ? [] : [name, ...words])
  const arranged = arrange(command, words)
  const line = readLine(command, arranged)
  if (!line) return oclif([name, ...wordsForOclif(command, arranged)])
  const { perform } = await import('./circusctl/perform.ts')
  process.exitCode = await perform(command, line)
}

async function oclif(argv: string[]): Promise<void> {
  const { runOclif } = await import('./circusctl/oclif.ts')
  await runOclif(argv)
}
