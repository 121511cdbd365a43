import { homedir } from 'node:os'
import { bareLine } from './circusctl/bare-line.ts'
import { connectionFlags } from './circusctl/command.ts'
import { commandLoaders } from './circusctl/commands/index.ts'
import { arrange, nameFirst, readLine } from './circusctl/read-line.ts'

/**
 * `circusctl`: ask a running daemon. Sets `process.exitCode`: 0 done, 1 the daemon cannot be reached, 2 wrong usage,
 * 3 the daemon answered with an error.
 */
export async function main(argv: string[]): Promise<void> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit() // its reader has seen enough: `circusctl listen | head`
    process.stderr.write(`circusctl: standard output: ${error.message}\n`)
    process.exit(1)
  })
  if (!process.env.HOME) process.env.HOME = home()
  if (argv[0] === '__complete') {
    const { answer } = await import('./circusctl/completion/answer.ts')
    return answer(argv.slice(1))
  }
  const bare = bareLine(argv)
  if (bare) {
    const { openConsole } = await import('./circusctl/console/index.ts')
    process.exitCode = await openConsole(bare, argv)
    return
  }
  const [name = '', ...words] = nameFirst(argv)
  if (name === '--version') {
    const { version } = await import('./version.ts')
    process.stdout.write(`circusctl ${version()}\n`)
    return
  }
  const command = Object.hasOwn(commandLoaders, name) ? await commandLoaders[name]?.() : undefined
  if (name === '--help' || name === '-h' || (name === 'help' && !/^[^-]/.test(words[0] ?? ''))) {
    const { showHelp } = await import('./circusctl/help.ts')
    return showHelp(words)
  }
  if (name === 'help') return main([...words, '--help'])
  if (!command && /^[^-]/.test(name)) {
    const { runNotOurs } = await import('./circusctl/extensions/not-ours.ts')
    process.exitCode = await runNotOurs(name, words)
    return
  }
  if (!command) {
    process.stderr.write(`circusctl: ${flagTrouble(name)}\nSee circusctl --help\n`)
    process.exitCode = 2
    return
  }
  const arranged = arrange(command, words)
  if (arranged.flags.includes('--help')) {
    const { commandHelp } = await import('./circusctl/command-help.ts')
    process.stdout.write(`${commandHelp(command)}\n`)
    return
  }
  const line = readLine(command, arranged)
  if (!line) {
    const { mistakeOf } = await import('./circusctl/mistake.ts')
    process.stderr.write(`circusctl ${name}: ${mistakeOf(command, words).message}\nSee circusctl ${name} --help\n`)
    process.exitCode = 2
    return
  }
  const { perform } = await import('./circusctl/perform.ts')
  process.exitCode = await perform(command, line)
}

/** A uid that has no entry among the users has no folder either: in containers. */
function home(): string {
  delete process.env.HOME // an empty one would count
  try {
    return homedir()
  } catch {
    return '/'
  }
}

/** What is wrong with a line that begins with a flag and comes to no command. */
function flagTrouble(word: string): string {
  const name = /^--([^=]+)/.exec(word)?.[1] ?? ''
  return Object.hasOwn(connectionFlags, name)
    ? `--${name} needs a value, and then a command`
    : `there is no flag ${word}`
}
