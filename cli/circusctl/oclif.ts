import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Args, Command, execute, type Interfaces, Plugin } from '@oclif/core'
import { packageRoot } from '../version.ts'
import type { ControlCommand } from './command.ts'
import { commandLoaders } from './commands/index.ts'
import { oclifPackage } from './extensions/oclif-package.ts'
import { oclifFlag } from './oclif-flag.ts'
import { perform } from './perform.ts'
import { flagsOf } from './read-line.ts'

/** Every command as an oclif class, by its name: what `oclif.commands` in `package.json` points to. */
export const COMMANDS: Readonly<Record<string, Command.Class>> = Object.fromEntries(
  (await Promise.all(Object.values(commandLoaders).map((load) => load()))).map((command) => [
    command.name,
    oclifCommand(command),
  ]),
)

/**
 * Let oclif have the command line, for a command of the package in the folder `brought`; ours are there for it to run.
 * Nothing of any other package is loaded.
 */
export async function runOclif(argv: string[], brought: string): Promise<void> {
  const root = fileURLToPath(packageRoot())
  const pjson = JSON.parse(readFileSync(new URL('package.json', packageRoot()), 'utf8')) as Interfaces.PJSON
  // In a checkout nothing is compiled, and a manifest left over from packing may be old: use this very file.
  const target = fileURLToPath(import.meta.url)
  pjson.oclif.commands = { strategy: 'explicit', target, identifier: 'COMMANDS' }
  const options = { root, pjson, ignoreManifest: target.endsWith('.ts'), userPlugins: false }
  await execute({
    args: argv,
    loadOptions: { ...options, ...(await withPackage(options, brought)) },
  })
}

/** Our own commands and those of a package. */
async function withPackage(options: Interfaces.PluginOptions, root: string): Promise<{ plugins: Map<string, Plugin> }> {
  const ours = new Plugin({ ...options, isRoot: true })
  await ours.load()
  return { plugins: new Map([ours, await oclifPackage(root)].map((plugin) => [plugin.name, plugin])) }
}

/** The class of one command. It reads the line as oclif does, and then does what `circusctl` does. */
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
