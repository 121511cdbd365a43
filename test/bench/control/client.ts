import { Dealer } from 'zeromq'
import { type Latencies, latencies } from './asker.ts'

// A process of its own, so that what it measures is the daemon's time and not the benchmark's:
//   node client.ts ENDPOINT JOB
// It writes a line when it is connected, begins when it reads one, and writes the figures as JSON.

/** What to ask. */
export interface ClientJob {
  readonly requests: readonly { readonly command: string; readonly properties: object }[]
  /** Connections; each has one request under way, or `window` of them. */
  readonly clients: number
  readonly window: number
  /** Requests of each kind by each client. */
  readonly count: number
}

/** One connection. Answers are told apart by their number, which is all that is read of them. */
class RawClient {
  readonly #socket = new Dealer()
  readonly #waiting = new Map<number, () => void>()
  #lastId = 0

  constructor(endpoint: string) {
    this.#socket.linger = 0
    this.#socket.sendTimeout = 0
    this.#socket.sendHighWaterMark = 0
    this.#socket.receiveHighWaterMark = 0
    this.#socket.connect(endpoint)
    void this.#read()
  }

  ask(command: string, properties: object): Promise<void> {
    const id = ++this.#lastId
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.set(id, resolve)
    void this.#socket.send(JSON.stringify({ id, command, properties }))
    return promise
  }

  close(): void {
    this.#socket.close()
  }

  async #read(): Promise<void> {
    while (!this.#socket.closed) {
      const [reply] = await this.#socket.receive().catch(() => [])
      if (!reply) return
      // The number is the last field of a reply.
      const id = Number(/"id":(\d+)\}$/.exec(reply.toString('latin1', reply.length - 40))?.[1])
      if (reply.includes('"status":"error"')) throw new Error(String(reply))
      this.#waiting.get(id)?.()
      this.#waiting.delete(id)
    }
  }
}

const [endpoint = '', job = ''] = process.argv.slice(2)
const { requests, clients: many, window, count }: ClientJob = JSON.parse(job)
const clients = Array.from({ length: many }, () => new RawClient(endpoint))
const asks = (command: string, properties: object) =>
  clients.flatMap((client) => Array.from({ length: window }, () => () => client.ask(command, properties)))

const figures: Latencies[] = []
for (const { command, properties } of requests) await latencies(asks(command, properties), Math.ceil(300 / many))
process.stdout.write('ready\n')
for await (const _ of process.stdin) break
for (const { command, properties } of requests) figures.push(await latencies(asks(command, properties), count))
process.stdout.write(`${JSON.stringify(figures)}\n`)
for (const client of clients) client.close()
process.stdin.destroy()
