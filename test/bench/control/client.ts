import { type Latencies, latencies } from './asker.ts'
import { RawClient } from './raw-client.ts'

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
