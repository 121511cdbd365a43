import { KernelError } from '../../../core/client.ts'
import { type ControlCommand, connectionFlags, type FlagValue, UsageError } from '../command.ts'
import { commandLoaders } from '../commands/index.ts'
import type { Daemon } from '../daemon.ts'
import { readOrExplain } from '../mistake.ts'
import { performAt } from '../perform.ts'
import { flagsOf, type Line, readNumber } from '../read-line.ts'
import { remoteCommands } from '../remote-commands.ts'

/**
 * `circusctl NAME …` for a NAME that is not one of ours, as a command like any other: it asks the daemon what NAME is,
 * reads `words` accordingly, and makes the call over the same connection.
 */
export function remoteCall(name: string, words: readonly string[]): ControlCommand {
  return {
    name,
    summary: '',
    async run({ daemon, output }, _, flags) {
      const command = await knownTo(daemon, name)
      const line = readOrExplain(command, words)
      return performAt(daemon, command, { ...line, flags: { ...line.flags, ...flags } }, output)
    },
  }
}

/** The daemon's command of a name. Throws a `UsageError` when there is none; rejects like `Daemon.call`. */
export async function knownTo(daemon: Daemon, name: string): Promise<ControlCommand> {
  const commands = await remoteCommands(daemon).catch(async (error: unknown) => {
    // It may be a slip: then the daemon that does not answer is not what is wrong.
    if (error instanceof KernelError)
      error.message += `; circusctl itself has no command '${name}'${await hint(name, [])}`
    throw error
  })
  const wanted = name.toLowerCase()
  return commands.find((command) => command.name === wanted) ?? unknown(wanted, commands)
}

async function unknown(name: string, remote: readonly ControlCommand[]): Promise<never> {
  const where = `there is no such command, here or at the daemon${await hint(name, remote)}`
  throw new UsageError(`${where}\nSee circusctl --help`)
}

/** What may be meant, if anything is near. */
async function hint(name: string, remote: readonly ControlCommand[]): Promise<string> {
  const { nearestName } = await import('../../../core/config/index.ts')
  const { cliPackages } = await import('./packages.ts')
  const known = [...Object.keys(commandLoaders), ...remote.map((command) => command.name)]
  const ofPackages = cliPackages().flatMap(({ commands }) => commands.map((command) => command.name))
  const begun = ofPackages.filter((words) => words.startsWith(`${name} `))
  const meant = begun.length > 0 ? begun : [nearestName(name, [...known, ...ofPackages]) ?? []].flat()
  return meant.length > 0 ? `; did you mean '${meant.join("' or '")}'?` : ''
}

/** Tell the connection's flags, which are needed before the daemon can say what the other words mean, from those. */
export function splitConnection(words: readonly string[]): { readonly line: Line; readonly words: string[] } {
  const end = words.includes('--') ? words.indexOf('--') : words.length
  const known: ControlCommand = { name: '', summary: '', variadicAfter: 0 }
  const flags: Record<string, FlagValue> = {}
  const rest: string[] = []
  for (let at = 0; at < end; at++) {
    const word = words[at]!
    const [, name = '', value] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? []
    const flag = Object.hasOwn(connectionFlags, name) ? flagsOf(known)[name] : undefined
    if (!flag) rest.push(word)
    else if (flag.type === 'boolean') flags[name] = true
    else {
      const text = value ?? (at + 1 < end ? words[++at] : undefined)
      const read = flag.type === 'number' ? readNumber(text ?? '') : text
      if (!read && read !== 0) throw new UsageError(`--${name} needs a ${flag.type}: ${flag.description}`)
      flags[name] = flag.multiple ? [...((flags[name] as string[] | undefined) ?? []), String(read)] : read
    }
  }
  return { line: { flags, positionals: [] }, words: [...rest, ...words.slice(end)] }
}
