import { columns, section } from './columns.ts'
import type { ControlCommand } from './command.ts'
import { connectionHelp } from './command-help.ts'
import { commandLoaders } from './commands/index.ts'
import { Daemon } from './daemon.ts'
import { cliPackages } from './extensions/packages.ts'
import { splitConnection } from './extensions/remote-call.ts'
import { addressesOf } from './perform.ts'
import { remoteCommands } from './remote-commands.ts'

/** How long, in milliseconds, help waits for a daemon to say what its plugins bring. */
const patienceMs = 500

/** `circusctl --help`: our commands, those of packages, and those of the daemon's plugins, if one answers. */
export async function showHelp(words: readonly string[]): Promise<void> {
  const remote = remoteIfAny(words)
  const own = await Promise.all(Object.values(commandLoaders).map((load) => load()))
  const { flags } = splitConnection(words).line
  const sections = [
    'Control a circusd that runs.',
    section(
      'USAGE',
      columns([
        ['$ circusctl [FLAGS] COMMAND …', 'one command; circusctl COMMAND --help tells more about it'],
        ['$ circusctl [FLAGS]', 'a console; circusctl < FILE carries out the lines of a file'],
      ]),
    ),
    section('COMMANDS', rows(own)),
    ...cliPackages().map(({ name, commands }) => section(`COMMANDS OF ${name}`, rows(commands))),
    section(
      `COMMANDS OF THE DAEMON'S PLUGINS (${addressesOf(flags)[0]?.endpoint})`,
      rows((await remote).map(({ name, summary, plugin }) => ({ name, summary: `${summary} (${plugin})` }))),
    ),
    connectionHelp(),
  ]
  process.stdout.write(`${sections.filter((text) => text !== '').join('\n\n')}\n`)
}

const rows = (commands: readonly Pick<ControlCommand, 'name' | 'summary'>[]) =>
  columns(commands.map(({ name, summary }) => [name, summary] as const))

async function remoteIfAny(words: readonly string[]): Promise<ControlCommand[]> {
  try {
    const [address] = addressesOf(splitConnection(words).line.flags)
    if (!address) return []
    await using daemon = new Daemon({ ...address, timeoutMs: patienceMs })
    return (await remoteCommands(daemon)).filter(({ plugin }) => plugin !== undefined)
  } catch {
    return []
  }
}
