import type { Auth, Failure } from '../api.ts'
import { session } from './session.ts'
import { takeTime } from './time.ts'

/** What the server, or the daemon behind it, answered instead of doing what was asked. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: string
  /** Of HTTP; 0 when there was no answer. */
  readonly status: number
  /** What the process wrote last, where one failed. */
  readonly lines: readonly string[]
  readonly auth: Auth | undefined

  constructor({ code, message, lines = [], auth }: Failure['error'], status: number) {
    super(message)
    this.code = code
    this.status = status
    this.lines = lines
    this.auth = auth
  }
}

/** The address of something below the API. The page may stand below any prefix. */
export const apiAddress = (path: string, query: Readonly<Record<string, unknown>> = {}): string => {
  const given = Object.entries(query).filter(([, value]) => value !== undefined)
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)]))
  return `api/${path}${given.length > 0 ? `?${search}` : ''}`
}

/** Ask a command that only reads. Rejects with a `Refusal`. */
export const ask = <T>(command: string, properties: Readonly<Record<string, unknown>> = {}): Promise<T> =>
  request<T>(apiAddress(command, properties), 'GET')

/** Have a command done. Rejects with a `Refusal`. */
export const tell = <T = object>(command: string, properties: Readonly<Record<string, unknown>> = {}): Promise<T> =>
  request<T>(apiAddress(command), 'POST', properties)

/** One request to the server. */
export async function request<T>(address: string, method: 'GET' | 'POST' | 'DELETE', body?: object): Promise<T> {
  const csrf = session.peek().id === 'in' ? (session.peek() as { csrf: string }).csrf : undefined
  const headers: Record<string, string> = { accept: 'application/json' }
  if (method !== 'GET' && csrf !== undefined) headers['x-csrf-token'] = csrf
  if (body !== undefined) headers['content-type'] = 'application/json'
  let response: Response
  try {
    response = await fetch(address, { method, headers, body: body === undefined ? null : JSON.stringify(body) })
  } catch {
    throw new Refusal({ code: 'ERR_UNREACHABLE', message: 'the server of the console does not answer' }, 0)
  }
  takeTime(response.headers.get('date'))
  const reply = parsed(await response.text())
  if (response.ok) return reply as T
  const refusal = new Refusal(failureOf(reply, response), response.status)
  if (refusal.status === 401 && session.peek().id === 'in') {
    session.value = { id: 'out', why: 'The session has ended.', auth: refusal.auth }
  }
  throw refusal
}

const failureOf = (reply: unknown, { status, statusText }: Response): Failure['error'] =>
  (reply as Partial<Failure> | undefined)?.error ?? { code: 'ERR_HTTP', message: `${status} ${statusText}` }

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
