import { KernelError, reasonOf } from '../errors.ts'
import { maskSecrets } from '../secrets.ts'

/**
 * The JSON of a successful reply. The command's fields may replace `status` (as the command `status` does) and
 * `time`, never `id`.
 *
 * @throws TypeError when the fields hold what JSON cannot: a BigInt, a cycle.
 */
export function encodeSuccess(id: unknown, fields: object | undefined): string {
  return JSON.stringify({ status: 'ok', time: Date.now() / 1000, ...fields, id })
}

/** Reasons quote what was asked for, which may be megabytes. */
const maxReasonCharacters = 10_000

/** The JSON of an error reply. `tb` is always null: a stack is the daemon's business. */
export function encodeFailure(id: unknown, error: KernelError): string {
  const { message, errno, code, lines } = error
  const text = message.length > maxReasonCharacters ? `${message.slice(0, maxReasonCharacters)}…` : message
  // It may quote options to somebody who may not see them all.
  const reason = maskSecrets(text)
  const last = lines.length > 0 ? { lines } : undefined
  return JSON.stringify({ status: 'error', reason, tb: null, errno, code, ...last, time: Date.now() / 1000, id })
}

/** Any error as one that has a number on the wire. */
export function asKernelError(error: unknown): KernelError {
  return error instanceof KernelError ? error : new KernelError('ERR_INTERNAL', [reasonOf(error)], { cause: error })
}
