import type { FastifyReply, FastifyRequest } from 'fastify'

/** So many bytes may wait for somebody who does not read. */
const mostWaiting = 1024 * 1024
/** A sign of life, for proxies that end what is silent, and to notice who is gone. */
const beatMs = 15_000

/** One open stream of Server-Sent Events. */
export class ServerSent {
  /** Aborted when it has ended, whoever ended it. */
  readonly closed: AbortSignal
  readonly #reply: FastifyReply['raw']
  readonly #closed = new AbortController()

  constructor(request: FastifyRequest, reply: FastifyReply) {
    reply.hijack()
    this.closed = this.#closed.signal
    this.#reply = reply.raw
    request.raw.socket.setNoDelay(true)
    const headers = {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    }
    this.#reply.writeHead(200, headers)
    this.#reply.on('close', () => this.#closed.abort())
    this.#reply.on('error', () => this.#closed.abort())
    const beat = setInterval(() => this.#write(':\n\n'), beatMs)
    this.closed.addEventListener('abort', () => clearInterval(beat), { once: true })
    this.#write(':\n\n')
  }

  /** Somebody does not read what was sent: nothing more is to be sent until they do. */
  get isBehind(): boolean {
    return this.#reply.writableLength > mostWaiting
  }

  /** @param json On one line, as `JSON.stringify` has it. */
  send(event: string, json: string): void {
    this.#write(`event: ${event}\ndata: ${json}\n\n`)
  }

  end(): void {
    this.#reply.end()
    // Who does not read would keep it open.
    setTimeout(() => this.#reply.destroy(), 1_000).unref()
  }

  #write(text: string): void {
    if (!this.closed.aborted && !this.#reply.writableEnded) this.#reply.write(text)
  }
}
