import { type ControlCommand, defaultEndpoint, type Flags } from './command.ts'
import { type Address, Daemon } from './daemon.ts'
import { exit, failureOf } from './failure.ts'
import { type Output, standardOutput } from './output.ts'
import type { Line } from './read-line.ts'

/** Carry out one command line. Resolves to the exit code. */
export async function perform(command: ControlCommand, line: Line): Promise<number> {
  const addresses = addressesOf(line.flags)
  const output = standardOutput(line.flags)
  const [address] = addresses
  try {
    await using daemon = new Daemon(address as Address)
    return await performAt(daemon, command, line, output)
  } catch (error) {
    const { text, value, code } = failureOf(command.name, error)
    if (line.flags.json) output.printJson(value)
    else process.stderr.write(`${text}\n`)
    return code
  }
}

/**
 * Carry out one command at a daemon and print what it answers. Resolves to the exit code; rejects with a `UsageError`,
 * or like `Daemon.call` (`failureOf` says what to tell of it).
 */
export async function performAt(
  daemon: Daemon,
  command: ControlCommand,
  { flags, positionals }: Line,
  output: Output,
): Promise<number> {
  const json = flags.json === true
  const session = { daemon, output, json }
  if (command.run) return (await command.run(session, positionals, flags)) ?? exit.done
  const properties = command.properties?.(positionals, flags) ?? {}
  if (command.show && output.terminal && !json) {
    await command.show(session, positionals, flags)
    return exit.done
  }
  const reply = await daemon.call(command.name, properties)
  if (json) output.printJson(reply)
  else output.print(command.print?.(reply) ?? 'ok')
  return exit.done
}

/** Which daemons the flags and the environment mean: one at least. */
export function addressesOf(flags: Flags): Address[] {
  const text = (name: string) => (flags[name] === undefined ? undefined : String(flags[name]))
  const endpoints = [flags.endpoint ?? process.env.CIRCUSCTL_ENDPOINT ?? defaultEndpoint].flat().map(String)
  return [...new Set(endpoints)].map((endpoint) => ({
    endpoint,
    timeoutMs: flags.timeout === undefined ? undefined : Number(flags.timeout) * 1_000,
    ssh: text('ssh'),
    sshKeyfile: text('ssh_keyfile'),
    key: text('key') ?? process.env.CIRCUS_KEY,
  }))
}
