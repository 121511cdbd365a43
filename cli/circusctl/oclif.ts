import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Args, Command, execute, Flags, type Interfaces } from '@oclif/core'
import { packageRoot } from '../version.ts'
import type { ControlCommand, Flag } from './command.ts'
import { commandLoaders } from './commands/index.ts'
import { perform } from './perform.ts'
import { flagsOf, readNumber } from './read-line.ts'

/** Every command as an oclif class, by its name: what `oclif.commands` in `package.json` points to. */
export const COMMANDS: Readonly<Record<string, Command.Class>> = Object.fromEntries(
  (await Promise.all(Object.values(commandLoaders).map((load) => load()))).map((command) => [
    command.name,
    oclifCommand(command),
  ]),
)

/** Let oclif have the command line: for help, for mistakes, and for commands that are not our own. */
export async function runOclif(argv: string[]): Promise<void> {
  const root = fileURLToPath(packageRoot())
  const pjson = JSON.parse(readFileSync(new URL('package.json', packageRoot()), 'utf8')) as Interfaces.PJSON
  // In a checkout nothing is compiled, and a manifest left over from packing may be old: use this very file.
  const target = fileURLToPath(import.meta.url)
  pjson.oclif.commands = { strategy: 'explicit', target, identifier: 'COMMANDS' }
  await execute({ args: argv, loadOptions: { root, pjson, ignoreManifest: target.endsWith('.ts') } })
}

/** The class of one command. It reads the line as oclif does, and then does what the short path does. */
function oclifCommand(command: ControlCommand): Command.Class {
  return class extends Command {
    static override summary = command.summary
    static override examples = command.examples?.map((example) => `<%= config.bin %> ${example}`) ?? []
    static override strict = command.variadicAfter === undefined
    static override args = Object.fromEntries(
      (command.args ?? []).map(({ name, description, required = false }) => [
        name,
        Args.string({ description, required }),
      ]),
    )
    static override flags = Object.fromEntries(
      Object.entries(flagsOf(command)).map(([name, flag]) => [name, oclifFlag(name, flag)]),
    )

    override async run(): Promise<void> {
      const { argv, flags } = await this.parse()
      process.exitCode = await perform(command, { flags, positionals: argv as string[] })
    }
  }
}

function oclifFlag(name: string, flag: Flag): Interfaces.FlagInput[string] {
  const { type, options, env } = flag
  const description = flag.default === undefined ? flag.description : `${flag.description} (${flag.default})`
  switch (type) {
    case 'boolean':
      return Flags.boolean({ description })
    case 'text': {
      const common = { description, ...(env !== undefined && { env }), ...(options && { options: [...options] }) }
      return flag.multiple ? Flags.string({ ...common, multiple: true, multipleNonGreedy: true }) : Flags.string(common)
    }
    case 'number':
      return Flags.custom<number>({
        description,
        parse: async (text) => {
          const number = readNumber(text)
          if (number === undefined) throw new Error(`--${name} takes a number from 0, not '${text}'`)
          return number
        },
      })()
    default:
      return type satisfies never
  }
}
