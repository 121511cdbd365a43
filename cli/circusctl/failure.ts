import { ReplyError } from '../../core/client.ts'
import { UsageError } from './command.ts'

/** Exit codes of `circusctl`; oclif gives 2 for wrong usage as well. */
export const exit = { done: 0, unreachable: 1, usage: 2, refused: 3 } as const

/** What went wrong, as it is told. */
export interface Failure {
  /** For people, on standard error. */
  readonly text: string
  /** With `--json`, on standard output. */
  readonly value: Readonly<Record<string, unknown>>
  /** The exit code. */
  readonly code: number
}

/** What to tell of an error that a command ended with: a `UsageError`, a daemon's error reply, or anything else. */
export function failureOf(command: string, error: unknown): Failure {
  if (error instanceof UsageError) {
    const { message } = error
    return { text: `circusctl ${command}: ${message}`, value: { status: 'error', reason: message }, code: exit.usage }
  }
  if (error instanceof ReplyError) {
    return { text: `error: ${error.reason}`, value: error.reply, code: exit.refused }
  }
  const { code, message } = error as Error & { code?: string }
  return {
    text: `circusctl: ${message}${hint(code)}`,
    value: { status: 'error', reason: message, code },
    code: exit.unreachable,
  }
}

function hint(code: string | undefined): string {
  if (code === 'ERR_CALL_TIMEOUT') return '\nSay --endpoint (or CIRCUSCTL_ENDPOINT), or give it longer with --timeout.'
  return code === 'ERR_UNREACHABLE' ? '\nIs it running? Say where with --endpoint (or CIRCUSCTL_ENDPOINT).' : ''
}
