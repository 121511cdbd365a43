import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Log } from '../../core/plugin.ts'

/** Where to listen. */
interface Place {
  readonly host: string
  readonly port: number
}

/** What is served. */
interface Served {
  /** The text that is answered. What it rejects with is the answer then, as status 503. */
  scrape(): Promise<string>
  readonly contentType: string
  readonly log: Log
}

/** A server that runs. */
interface MetricsServer {
  readonly url: string
  close(): Promise<void>
}

/** A server answers within 10 seconds, or Prometheus does not wait for it. */
const PATIENCE_MS = 9000
/** Whoever sends no request in that time is let go. */
const REQUEST_MS = 10_000
/** Nobody needs more at once. */
const MOST_CONNECTIONS = 64

/** Serve metrics at `/metrics`. Rejects, in words, when it cannot listen there. */
export async function serveMetrics(
  { host, port }: Place,
  { scrape, contentType, log }: Served,
): Promise<MetricsServer> {
  const trouble = new Trouble(log)
  const server = createServer({ requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS }, (request, response) => {
    if (!isForMetrics(request, response)) return
    if (request.method === 'HEAD') return void response.writeHead(200, { 'content-type': contentType }).end()
    void inTime(scrape()).then(
      (text) => {
        trouble.isOver()
        response.writeHead(200, { 'content-type': contentType }).end(text)
      },
      (error: Error) => {
        trouble.is(error.message)
        refuse(response, 503, `no metrics: ${error.message}`)
      },
    )
  })
  server.maxConnections = MOST_CONNECTIONS
  server.listen(port, host)
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    throw new Error(`it cannot listen at ${host}:${port}: ${whyNot(error)}; write another host or port`)
  })
  server.on('error', (error) => log.error(`its server: ${error.message}`))
  const { address, family, port: bound } = server.address() as AddressInfo
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}/metrics`,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

function isForMetrics({ method, url = '' }: IncomingMessage, response: ServerResponse): boolean {
  if (url.split('?', 1)[0] !== '/metrics') refuse(response, 404, 'there is nothing here; the metrics are at /metrics')
  else if (method !== 'GET' && method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD')
    refuse(response, 405, 'only GET and HEAD')
  } else return true
  return false
}

function refuse(response: ServerResponse, status: number, why: string): void {
  // What else the request has is not read.
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' }).end(`${why}\n`)
}

function inTime<T>(work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const late = () => reject(new Error(`the daemon does not answer within ${PATIENCE_MS / 1000} s`))
  const timer = setTimeout(late, PATIENCE_MS)
  return Promise.race([work, promise]).finally(() => clearTimeout(timer))
}

const whyNot = ({ code, message }: NodeJS.ErrnoException): string => {
  if (code === 'EADDRINUSE') return 'somebody else does'
  if (code === 'EACCES') return 'that is not allowed'
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'there is no such host'
  return message
}

/** What keeps scrapes from being answered: told when it begins, changes and ends. */
class Trouble {
  readonly #log: Log
  #why: string | undefined

  constructor(log: Log) {
    this.#log = log
  }

  is(why: string): void {
    if (why !== this.#why) this.#log.warning(`a scrape failed: ${why}`)
    this.#why = why
  }

  isOver(): void {
    if (this.#why !== undefined) this.#log.info('scrapes are answered again')
    this.#why = undefined
  }
}
