import { Undelivered } from './delivery.ts'
import type { Message } from './message.ts'
import type { Target } from './outbox.ts'
import { plain, slack, type Template } from './template.ts'

/** How a webhook wants to be told. */
export interface WebhookOptions {
  readonly url: URL
  readonly format: 'slack' | 'json' | 'text'
  readonly headers: Headers
  readonly template: Template
}

/** Sends messages to a server, by POST. Of its address the log has the host alone: the rest is often a secret. */
export function webhook({ url, format, headers: given, template }: WebhookOptions): Target {
  const { address, headers } = withoutPassword(url, given)
  if (!headers.has('content-type')) {
    headers.set('content-type', format === 'text' ? 'text/plain; charset=utf-8' : 'application/json')
  }
  return {
    name: `${url.protocol}//${url.host}/…`,
    async deliver(message, signal) {
      const body = bodyOf(message, format, template)
      let response: Response
      try {
        response = await fetch(address, { method: 'POST', headers, body, signal, redirect: 'manual' })
      } catch (error) {
        signal.throwIfAborted()
        throw new Undelivered(whyNot(error as Error), true)
      }
      // Nobody reads what it says.
      await response.body?.cancel().catch(() => {})
      if (!response.ok) throw refusal(response)
    },
  }
}

/** `fetch` takes no address with a name and a password in it. */
function withoutPassword(url: URL, given: Headers): { address: URL; headers: Headers } {
  const address = new URL(url)
  const headers = new Headers(given)
  const { username, password } = url
  if (username !== '' && !headers.has('authorization')) {
    const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
    headers.set('authorization', `Basic ${Buffer.from(pair).toString('base64')}`)
  }
  address.username = ''
  address.password = ''
  return { address, headers }
}

function bodyOf(message: Message, format: WebhookOptions['format'], template: Template): string {
  switch (format) {
    case 'slack':
      return JSON.stringify({ text: template(message, slack) })
    case 'json':
      return JSON.stringify({ text: template(message, plain), ...message })
    case 'text':
      return template(message, plain)
    default:
      return format satisfies never
  }
}

function refusal({ status, headers }: Response): Undelivered {
  const isTemporary = status >= 500 || status === 408 || status === 425 || status === 429
  const leads = status >= 300 && status < 400 ? ', which leads elsewhere: write that address' : ''
  return new Undelivered(`answers ${status}${leads}`, isTemporary, retryAfterMs(headers.get('retry-after')))
}

/** Seconds, or a date. */
function retryAfterMs(value: string | null): number | undefined {
  if (value === null) return undefined
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - Date.now()
  return ms > 0 ? ms : undefined
}

function whyNot(error: Error): string {
  const { code, message } = (error.cause ?? error) as NodeJS.ErrnoException
  switch (code) {
    case 'ECONNREFUSED':
      return 'refuses connections'
    case 'ECONNRESET':
    case 'UND_ERR_SOCKET':
      return 'ends the connection without an answer'
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'is not known by its name'
    default:
      return `cannot be reached: ${message || code}`
  }
}
