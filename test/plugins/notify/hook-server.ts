import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { Recorder } from '../../harness/index.ts'

/** One message, as it came. */
export interface Told {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** What is done to the n-th request, from 1. */
type Answer = (response: ServerResponse, count: number) => void

const ok: Answer = (response) => response.end('ok')

/** A real HTTP server at a free port of 127.0.0.1, for webhooks. Its end ends all that hangs there. */
export class HookServer implements AsyncDisposable {
  readonly told = new Recorder<Told>(({ path, body }) => `${path} ${body}`)
  readonly #server: ReturnType<typeof createServer>

  private constructor(answer: Answer) {
    this.#server = createServer(async (request, response) => {
      const { url: path = '', headers } = request
      const body = await text(request)
      this.told.add({ path, headers, body })
      answer(response, this.told.all.length)
    })
  }

  static async start(answer = ok, port = 0): Promise<HookServer> {
    const server = new HookServer(answer)
    server.#server.listen(port, '127.0.0.1')
    await once(server.#server, 'listening')
    return server
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/services/T0/SECRET`
  }

  /** The bodies so far, as Slack's text. */
  get texts(): string[] {
    return this.told.all.map(textOf)
  }

  /** Wait for one whose body matches. */
  async message(pattern: RegExp, options?: { count?: number; from?: number }): Promise<Told> {
    return this.told.until(({ body }) => pattern.test(body), options)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }
}

export const textOf = ({ body }: Told): string => (JSON.parse(body) as { text: string }).text
