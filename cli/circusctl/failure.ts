import { ReplyError } from '../../core/client.ts'
import { advice } from './advice.ts'
import { UsageError } from './command.ts'
import type { Address } from './daemon.ts'
import { printable } from './table.ts'

/** Exit codes of `circusctl`; oclif gives 2 for wrong usage as well, and a shell 130 for what SIGINT ended. */
export const exit = { done: 0, unreachable: 1, usage: 2, refused: 3, interrupted: 130 } as const

/** What went wrong, as it is told. */
export interface Failure {
  /** For people, on standard error. */
  readonly text: string
  /** With `--json`, on standard output. */
  readonly value: Readonly<Record<string, unknown>>
  /** The exit code. */
  readonly code: number
}

/**
 * What to tell of an error that a command ended with: a `UsageError`, a daemon's error reply, or anything else.
 *
 * @param address Where the daemon was looked for: then the text says what to check there.
 * @param program Which of our programs says it.
 */
export function failureOf(command: string, error: unknown, address?: Address, program = 'circusctl'): Failure {
  if (error instanceof UsageError) {
    const { message } = error
    return { text: `circusctl ${command}: ${message}`, value: { status: 'error', reason: message }, code: exit.usage }
  }
  if (error instanceof ReplyError) {
    const { lines } = error.reply
    const last =
      Array.isArray(lines) && lines.length > 0 ? ['its last lines:', ...lines.map((line) => `  | ${line}`)] : []
    return {
      text: `error: ${[...String(error.reason).split('\n'), ...last].map(printable).join('\n')}`,
      value: error.reply,
      code: exit.refused,
    }
  }
  const { code, message } = error as Error & { code?: string }
  return {
    text: [`${program}: ${message}`, ...advice(code, message, address)].join('\n'),
    value: { status: 'error', reason: message, code },
    code: exit.unreachable,
  }
}
