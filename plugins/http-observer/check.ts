/** What is asked for, and what is wanted of the answer. */
export interface Question {
  readonly url: URL
  readonly method: string
  readonly timeoutMs: number
  /** What must be in the body. */
  readonly expect: string | undefined
}

/** What came of it. `code` is the answer's; `NO_ANSWER` when there was none, or no end of it. */
export type Outcome =
  | { readonly id: 'good'; readonly ms: number }
  | { readonly id: 'bad'; readonly code: number; readonly how: string }

/** The code of an error without an answer, which the original gives to everything of that kind. */
const NO_ANSWER = 599
/** As many redirects are followed, as the original's client does. */
const MAX_REDIRECTS = 5
const redirecting: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
/** No more of an answer is read, in bytes. */
const MAX_BODY = 1024 * 1024

/** Ask once, over a connection of its own. Whatever goes wrong is an outcome; rejects only when `signal` is aborted. */
export async function check(question: Question, signal: AbortSignal): Promise<Outcome> {
  const { timeoutMs, expect } = question
  const began = performance.now()
  const limit = AbortSignal.timeout(timeoutMs)
  let part = 'answer'
  try {
    const response = await follow(question, AbortSignal.any([signal, limit]))
    const { ok, status, statusText, body } = response
    if (!ok) {
      await body?.cancel().catch(() => {}) // it may be broken by now
      return { id: 'bad', code: status, how: `answers ${status} ${printable(statusText)}`.trimEnd() }
    }
    part = 'end of the answer'
    const text = await read(body)
    if (expect && !text.includes(expect)) {
      return { id: 'bad', code: status, how: `answers ${status}, but without ${JSON.stringify(expect)}` }
    }
    return { id: 'good', ms: performance.now() - began }
  } catch (error) {
    signal.throwIfAborted()
    if (limit.aborted) return { id: 'bad', code: NO_ANSWER, how: `gives no ${part} within ${timeoutMs / 1000} s` }
    return { id: 'bad', code: NO_ANSWER, how: `fails: ${wordsOf(error)}` }
  }
}

/** `fetch` would follow up to twenty redirects, and have no code when there are more. */
async function follow({ url, method: first }: Question, signal: AbortSignal): Promise<Response> {
  let at = url
  let method = first
  for (let redirects = 0; ; redirects++) {
    const response = await ask(at, method, signal)
    const { status } = response
    const location = response.headers.get('location')
    if (!redirecting.has(status) || location === null || redirects === MAX_REDIRECTS) return response
    await response.body?.cancel().catch(() => {})
    const next = URL.parse(location, at.href)
    if (next?.protocol !== 'http:' && next?.protocol !== 'https:') throw new Error('it redirects to what is no website')
    at = next
    if ((status === 303 && method !== 'HEAD') || (status < 303 && method === 'POST')) method = 'GET'
  }
}

function ask(address: URL, method: string, signal: AbortSignal): Promise<Response> {
  const url = new URL(address.href)
  const { username, password } = url
  // A kept connection would hide that no new ones are taken, and may end under a question.
  const headers = new Headers({ connection: 'close', 'user-agent': 'circusd http-observer' })
  if (username || password) {
    const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
    headers.set('authorization', `Basic ${Buffer.from(pair).toString('base64')}`)
    // With them, fetch takes no address.
    url.username = ''
    url.password = ''
  }
  return fetch(url, { method, headers, signal, redirect: 'manual' })
}

/** The text of a body, or the beginning of one that is too long. */
async function read(body: ReadableStream<Uint8Array> | null): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body ?? []) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes >= MAX_BODY) break
  }
  return Buffer.concat(chunks).toString()
}

/** What went wrong, in the words of whom `fetch` has from. */
function wordsOf(error: unknown): string {
  const cause = (error as Error).cause ?? error
  const { code = '', message } = cause as { code?: unknown; message?: string }
  // Those of OpenSSL are the line of its source.
  const tls = /^ERR_SSL_(.+)/.exec(String(code))?.[1]
  if (tls) return `TLS: ${tls.toLowerCase().replaceAll('_', ' ')}`
  const all = cause instanceof AggregateError ? cause.errors.map((each: Error) => each.message).join(', ') : message
  return printable(all || String(code) || String(cause))
}

const printable = (text: string): string => text.replaceAll(/[^\P{Cc}]+/gu, ' ').slice(0, 200)
