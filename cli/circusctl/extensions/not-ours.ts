import { commandHelp } from '../command-help.ts'
import { Daemon } from '../daemon.ts'
import { exit, failureOf } from '../failure.ts'
import { addressesOf, perform } from '../perform.ts'
import { packageCommand } from './packages.ts'
import { knownTo, remoteCall, splitConnection } from './remote-call.ts'

/**
 * A command line whose command is not one of ours: of a package here (of the project, or installed with
 * `circusctl plugins install`) or else of the daemon. Resolves to the exit code.
 */
export async function runNotOurs(name: string, words: readonly string[]): Promise<number> {
  try {
    const found = await packageCommand([name, ...words])
    if (found) {
      const { runOclif } = await import('../oclif.ts')
      await runOclif([name, ...words], found.root)
      return Number(process.exitCode ?? exit.done)
    }
    const { line, words: rest } = splitConnection(words)
    if (asksForHelp(rest)) {
      await using daemon = new Daemon(addressesOf(line.flags)[0]!)
      process.stdout.write(`${commandHelp(await knownTo(daemon, name))}\n`)
      return exit.done
    }
    return await perform(remoteCall(name, rest), line)
  } catch (error) {
    const { text, code } = failureOf(name, error)
    process.stderr.write(`${text}\n`)
    return code
  }
}

function asksForHelp(words: readonly string[]): boolean {
  const end = words.indexOf('--')
  return (end < 0 ? words : words.slice(0, end)).includes('--help')
}
