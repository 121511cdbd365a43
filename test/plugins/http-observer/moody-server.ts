import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a server does with whoever asks. */
export type Mood = keyof typeof moods

const moods = {
  well: (_request, response) => response.end('all is well'),
  'no answer': () => {},
  'no end': (_request, response) => response.write('the beginning'),
  'status 500': (_request, response) => response.writeHead(500).end('oh no'),
  'status 404': (_request, response) => response.writeHead(404).end(),
  reset: (_request, response) => response.socket?.resetAndDestroy(),
  'reset midway': (_request, response) => {
    response.writeHead(200, { 'content-length': 1000 })
    response.write('the beginning', () => response.socket?.resetAndDestroy())
  },
  'redirect loop': (_request, response) => response.writeHead(302, { location: '/again' }).end(),
  'five redirects': ({ url = '' }, response) => {
    const count = Number(url.slice(1)) || 0
    if (count === 5) response.end('all is well')
    else response.writeHead(302, { location: `/${count + 1}` }).end()
  },
  'redirect to a file': (_request, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
  endless: (_request, response) => {
    const more = () => {
      while (response.write('more and more '.repeat(5_000)));
    }
    response.on('drain', more)
    more()
  },
} satisfies Record<string, (request: IncomingMessage, response: ServerResponse) => unknown>

/** A real HTTP server on a free port of 127.0.0.1 that fails as it is told to. */
export class MoodyServer implements AsyncDisposable {
  mood: Mood = 'well'
  /** How often it was asked. */
  requests = 0
  last: IncomingMessage | undefined
  readonly #server = createServer((request, response) => {
    this.requests++
    this.last = request
    // Whoever asks may go.
    response.on('error', () => {})
    moods[this.mood](request, response)
  })
  #port = 0

  static async start(): Promise<MoodyServer> {
    const server = new MoodyServer()
    await server.listen()
    return server
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/`
  }

  get port(): number {
    return this.#port
  }

  /** Take connections; at the same port after `close`. */
  async listen(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
  }

  /** End all connections, and refuse new ones. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  /** How many connections there are. */
  connections(): Promise<number> {
    return new Promise((resolve, reject) =>
      this.#server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server.listening) await this.close()
  }
}
