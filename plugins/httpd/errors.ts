import { KernelError, ReplyError } from '../../core/plugin.ts'
import type { Auth, Failure } from './api.ts'

/** A refusal of the console itself. Its codes are API, like those of the kernel. */
export class ConsoleError extends Error {
  override readonly name = 'ConsoleError'
  readonly code: string
  readonly status: number
  readonly more: { readonly auth?: Auth; readonly retryAfterSeconds?: number }

  constructor(status: number, code: string, message: string, more: ConsoleError['more'] = {}) {
    super(message)
    this.status = status
    this.code = code
    this.more = more
  }
}

const statuses: Readonly<Record<string, number>> = {
  ERR_COMMAND_UNKNOWN: 404,
  ERR_WATCHER_UNKNOWN: 404,
  ERR_PROCESS_UNKNOWN: 404,
  ERR_FORBIDDEN: 403,
  ERR_ROLE_TOO_LOW: 403,
  ERR_CONFIG_INVALID: 422,
  ERR_UNREACHABLE: 503,
  ERR_CLIENT_CLOSED: 503,
  ERR_CALL_TIMEOUT: 504,
  ERR_INTERNAL: 500,
  ERR_PLUGIN_FAILED: 500,
}

/** What PROTOCOL's numbers mean, for those errors that have no code of their own above. */
const statusesByNumber: Readonly<Record<number, number>> = { 1: 400, 2: 404, 3: 400, 4: 500, 5: 409 }

/** How an error is answered. Faults of the program are not told: the log has them. */
export function failureOf(error: unknown): {
  readonly status: number
  readonly body: Failure
  readonly isFault: boolean
} {
  if (error instanceof ConsoleError) {
    const { status, code, message, more } = error
    return { status, body: { error: { code, message, ...more } }, isFault: false }
  }
  if (error instanceof KernelError || error instanceof ReplyError) {
    const { code = 'ERR_UNSPECIFIED', errno, message } = error
    const lines = error instanceof ReplyError ? error.reply['lines'] : error.lines
    const told = Array.isArray(lines) && lines.length > 0 ? { lines: lines.map(String) } : {}
    const status = statuses[code] ?? statusesByNumber[errno] ?? 500
    return { status, body: { error: { code, message, ...told } }, isFault: false }
  }
  const { statusCode, code, message } = error as { statusCode?: number; code?: string; message?: string }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return {
      status: statusCode,
      body: { error: { code: code ?? 'ERR_REQUEST_INVALID', message: message ?? '' } },
      isFault: false,
    }
  }
  return {
    status: 500,
    body: { error: { code: 'ERR_INTERNAL', message: 'a fault of this program: its log has more' } },
    isFault: true,
  }
}
