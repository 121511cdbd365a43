import type { ControlCommand } from '../command.ts'
import { columns, section } from '../command-help.ts'
import { Daemon } from '../daemon.ts'
import { runOclif } from '../oclif.ts'
import { addressesOf } from '../perform.ts'
import { remoteCommands } from '../remote-commands.ts'
import { cliPackages } from './packages.ts'
import { splitConnection } from './remote-call.ts'

/** How long, in milliseconds, help waits for a daemon to say what its plugins bring. */
const patienceMs = 500

/** `circusctl --help`: our commands, those of packages, and those of the daemon's plugins, if one answers. */
export async function showHelp(words: readonly string[]): Promise<void> {
  const remote = remoteIfAny(words)
  await runOclif(['--help'])
  const { flags } = splitConnection(words).line
  const sections = [
    ...cliPackages().map(({ name, commands }) =>
      section(`COMMANDS OF ${name}`, columns(commands.map(({ name, summary }) => [name, summary] as const))),
    ),
    section(
      `COMMANDS OF THE DAEMON'S PLUGINS (${addressesOf(flags)[0]?.endpoint})`,
      columns((await remote).map(({ name, summary, plugin }) => [name, `${summary} (${plugin})`] as const)),
    ),
  ]
  for (const text of sections) if (text !== '') process.stdout.write(`${text}\n\n`)
}

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
