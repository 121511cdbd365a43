import { once } from 'node:events'
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { createInterface, type Interface } from 'node:readline'

/** An answer, as it came. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look at what they expect
  readonly json: any
}

interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON, unless it is a text. */
  readonly body?: unknown
}

/** One event of a stream. */
export interface Sent {
  readonly event: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look at what they expect
  readonly data: any
}

/** Talks HTTP as a browser does, or as somebody who makes it do things: any header may be said. Keeps cookies. */
export class Visitor {
  readonly link: URL
  readonly #socket: string | undefined
  #cookie: string | undefined
  csrf = ''

  /** @param link As the log has it. @param socket Of a console at a unix socket. */
  constructor(link: string, socket?: string) {
    this.link = new URL(link)
    this.#socket = socket
  }

  /** The token of the link. */
  get token(): string {
    return this.link.hash.replace(/^#token=/, '')
  }

  get cookie(): string | undefined {
    return this.#cookie
  }

  /** @param path Below the link's: `api/list`. */
  async ask(path: string, asked: Asked = {}): Promise<Answer> {
    const response = await this.#send(path, asked)
    response.setEncoding('utf8')
    let text = ''
    for await (const piece of response) text += piece
    const [cookie] = response.headers['set-cookie'] ?? []
    if (cookie) this.#cookie = cookie.split(';')[0]!
    const isJson =
      response.headers['content-type']?.startsWith('application/json') && !response.headers['content-encoding']
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      text,
      json: isJson ? JSON.parse(text) : undefined,
    }
  }

  /** Ask for a change, as the page does. */
  post(path: string, body: unknown = {}, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.ask(path, { method: 'POST', body, headers: { 'x-csrf-token': this.csrf, ...headers } })
  }

  /** @default with the token of the link */
  async logIn(body: unknown = { token: this.token }): Promise<Answer> {
    const answer = await this.ask('api/session', { method: 'POST', body })
    if (answer.status === 200) this.csrf = answer.json.csrf
    return answer
  }

  /** Listen to a stream until it is disposed of. */
  async follow(path: string): Promise<Listening> {
    const response = await this.#send(path, {})
    return new Listening(response)
  }

  async #send(path: string, { method = 'GET', headers = {}, body }: Asked): Promise<IncomingMessage> {
    const { hostname, port, pathname, host } = this.link
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
    const sent = request({
      ...(this.#socket === undefined
        ? { hostname: hostname.replace(/^\[|\]$/g, ''), port }
        : { socketPath: this.#socket }),
      method,
      path: path.startsWith('/') ? path : `${pathname}${path}`,
      agent: false,
      headers: {
        host,
        ...(this.#cookie !== undefined && { cookie: this.#cookie }),
        ...(text !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
        ...headers,
      },
    })
    sent.end(text)
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    return response
  }
}

/** A stream of Server-Sent Events. */
export class Listening implements Disposable {
  readonly status: number
  /** What has come. */
  readonly all: Sent[] = []
  /** Settles when the other side has ended it. */
  readonly ended: Promise<unknown>
  readonly #response: IncomingMessage
  readonly #lines: Interface
  #arrived = Promise.withResolvers<void>()

  constructor(response: IncomingMessage) {
    this.#response = response
    this.status = response.statusCode ?? 0
    this.ended = once(response, 'close')
    let event = ''
    this.#lines = createInterface({ input: response }).on('line', (line) => {
      if (line.startsWith('event: ')) event = line.slice(7)
      if (!line.startsWith('data: ')) return
      this.all.push({ event, data: JSON.parse(line.slice(6)) })
      this.#arrived.resolve()
      this.#arrived = Promise.withResolvers()
    })
  }

  /** Wait for an event that is as it should be. */
  async until(event: string, matches: (data: Sent['data']) => boolean = () => true): Promise<Sent['data']> {
    const late = AbortSignal.timeout(20_000)
    for (let at = 0; ; at++) {
      while (at >= this.all.length) {
        await Promise.race([this.#arrived.promise, once(late, 'abort')])
        if (late.aborted) throw new Error(`no such ${event} came: ${JSON.stringify(this.all).slice(0, 4_000)}`)
      }
      const sent = this.all[at]!
      if (sent.event === event && matches(sent.data)) return sent.data
    }
  }

  /** How much was read. */
  get bytes(): number {
    return this.#response.socket.bytesRead
  }

  /** Read nothing, as a page does whose computer sleeps. */
  pause(): void {
    this.#lines.pause()
  }

  resume(): void {
    this.#lines.resume()
  }

  [Symbol.dispose](): void {
    this.#response.destroy()
  }
}
