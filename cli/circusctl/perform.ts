import { ReplyError } from '../../core/client.ts'
import { type ControlCommand, defaultEndpoint, type Flags, UsageError } from './command.ts'
import { type Address, Daemon } from './daemon.ts'
import type { Line } from './read-line.ts'

/** Exit codes of `circusctl`; oclif gives 2 for wrong usage as well. */
const exit = { done: 0, unreachable: 1, usage: 2, refused: 3 } as const

/** Carry out one command line. Resolves to the exit code. */
export async function perform(command: ControlCommand, line: Line): Promise<number> {
  const print = (text: string) => void process.stdout.write(`${text}\n`)
  const json = line.flags.json === true
  try {
    await using daemon = new Daemon(addressOf(line.flags))
    await performAt(daemon, command, line, print)
    return exit.done
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`circusctl ${command.name}: ${error.message}\n`)
      return exit.usage
    }
    if (error instanceof ReplyError) {
      if (json) print(JSON.stringify(error.reply))
      else process.stderr.write(`error: ${error.reason}\n`)
      return exit.refused
    }
    const { code, message } = error as Error & { code?: string }
    if (json) print(JSON.stringify({ status: 'error', reason: message, code }))
    else process.stderr.write(`circusctl: ${message}${hint(code)}\n`)
    return exit.unreachable
  }
}

/** Carry out one command at a daemon and print what it answers. Throws a `UsageError`, or rejects like `Daemon.call`. */
export async function performAt(
  daemon: Daemon,
  command: ControlCommand,
  { flags, positionals }: Line,
  print: (text: string) => void,
): Promise<void> {
  const properties = command.properties?.(positionals, flags) ?? {}
  const json = flags.json === true
  if (command.run) return command.run({ daemon, json, print }, positionals, flags)
  const reply = await daemon.call(command.name, properties)
  if (json) print(JSON.stringify(reply))
  else print(command.print?.(reply) ?? 'ok')
}

/** Which daemon the flags and the environment mean. */
export function addressOf(flags: Flags): Address {
  return {
    endpoint: String(flags.endpoint ?? process.env.CIRCUSCTL_ENDPOINT ?? defaultEndpoint),
    timeoutMs: flags.timeout === undefined ? undefined : Number(flags.timeout) * 1_000,
  }
}

function hint(code: string | undefined): string {
  if (code === 'ERR_CALL_TIMEOUT') return '\nSay --endpoint (or CIRCUSCTL_ENDPOINT), or give it longer with --timeout.'
  return code === 'ERR_UNREACHABLE' ? '\nIs it running? Say where with --endpoint (or CIRCUSCTL_ENDPOINT).' : ''
}
