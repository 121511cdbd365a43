import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'

// Makes requests, and counts each that is not answered in full. A process of its own:
//   node load.ts PORT CONNECTIONS (keep|close)
// A line that it reads begins a new section of that name, the end of its input ends it; it writes the sections as JSON.

/** How a request can fail. */
export const failures = {
  refused: 'no connection',
  reset: 'reset before the answer was complete',
  closed: 'closed before the answer began',
  truncated: 'closed within the answer',
  status: 'answered with another status than 200',
  stuck: 'no answer within 10 s',
} as const
export type Failure = keyof typeof failures

/** What happened between two lines. */
export interface Section {
  readonly name: string
  answered: number
  /** The longest anybody waited for an answer. */
  slowestMs: number
  readonly failed: Partial<Record<Failure, number>>
}

const patienceMs = 10_000
/** Before the next attempt when nobody listens: or the figure would be of how fast that can be found out. */
const refusedPauseMs = 10

/** One connection after another, on each one request after another. */
class Client {
  readonly #port: number
  readonly #keepAlive: boolean
  readonly #request: string
  #socket: Socket | undefined
  #answer = ''
  #askedAt = 0
  #ended = false
  readonly #done = Promise.withResolvers<void>()

  constructor(port: number, keepAlive: boolean) {
    this.#port = port
    this.#keepAlive = keepAlive
    this.#request = `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${keepAlive ? '' : 'Connection: close\r\n'}\r\n`
    this.#connect()
  }

  /** Make no further request. Resolves when the last one is answered, or has failed. */
  end(): Promise<void> {
    this.#ended = true
    return this.#done.promise
  }

  /** Give up a request that takes too long. */
  checkPatience(): void {
    if (performance.now() - this.#askedAt > patienceMs) this.#fail('stuck')
  }

  #connect(): void {
    this.#askedAt = performance.now()
    this.#answer = ''
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true })
    this.#socket = socket
    socket.setEncoding('latin1')
    socket.write(this.#request)
    // A socket that was given up says no more.
    const isOpen = () => this.#socket === socket
    socket.on('data', (data) => isOpen() && this.#read(String(data)))
    socket.on('end', () => isOpen() && this.#fail(this.#answer === '' ? 'closed' : 'truncated'))
    socket.on('error', ({ code }: NodeJS.ErrnoException) => {
      if (isOpen()) this.#fail(code === 'ECONNREFUSED' ? 'refused' : 'reset')
    })
  }

  #read(data: string): void {
    this.#answer += data
    const head = this.#answer.indexOf('\r\n\r\n')
    if (head < 0) return
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(this.#answer)?.[1])
    if (this.#answer.length < head + 4 + length) return
    if (this.#answer.startsWith('HTTP/1.1 200 ')) this.#answered(this.#answer.slice(0, head + 2))
    else this.#fail('status')
  }

  #answered(head: string): void {
    section.answered++
    section.slowestMs = Math.max(section.slowestMs, performance.now() - this.#askedAt)
    if (this.#ended) {
      this.#finish()
    } else if (this.#keepAlive && !/\r\nconnection: *close/i.test(head)) {
      this.#answer = ''
      this.#askedAt = performance.now()
      this.#socket!.write(this.#request)
    } else {
      this.#hangUp()
      this.#connect()
    }
  }

  #fail(failure: Failure): void {
    section.failed[failure] = (section.failed[failure] ?? 0) + 1
    this.#hangUp()
    this.#askedAt = Number.POSITIVE_INFINITY
    if (this.#ended) this.#finish()
    else if (failure === 'refused') setTimeout(() => this.#again(), refusedPauseMs)
    else this.#connect()
  }

  #again(): void {
    if (this.#ended) this.#finish()
    else this.#connect()
  }

  #finish(): void {
    this.#askedAt = Number.POSITIVE_INFINITY
    this.#hangUp()
    this.#done.resolve()
  }

  #hangUp(): void {
    this.#socket?.destroy()
    this.#socket = undefined
  }
}

let section: Section = begin('')
const sections = [section]

function begin(name: string): Section {
  return { name, answered: 0, slowestMs: 0, failed: {} }
}

if (import.meta.main) {
  const [port, connections, kind] = process.argv.slice(2)
  const clients = Array.from({ length: Number(connections) }, () => new Client(Number(port), kind === 'keep'))
  const patience = setInterval(() => {
    for (const client of clients) client.checkPatience()
  }, 500)
  for await (const name of createInterface({ input: process.stdin })) {
    section = begin(name)
    sections.push(section)
  }
  await Promise.all(clients.map((client) => client.end()))
  clearInterval(patience)
  process.stdout.write(`${JSON.stringify(sections)}\n`)
}
