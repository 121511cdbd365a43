import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Flushed, StatsdMessage } from '../fixtures/statsd-backend.ts'
import { Recorder, type TemporaryFolder, temporaryFolder } from '../harness/index.ts'

const backend = fileURLToPath(import.meta.resolve('../fixtures/statsd-backend.ts'))
const program = fileURLToPath(import.meta.resolve('statsd/stats.js'))
const FLUSH_MS = 50

/**
 * A real statsd server (npm's `statsd`) on a free UDP port of 127.0.0.1, which flushes every 50 ms. What it makes of what it
 * receives is kept here. Its end ends the server.
 */
export class StatsdServer implements AsyncDisposable {
  /** Every line that came in, as it was sent. */
  readonly lines = new Recorder<string>((line) => line)
  /** What the server flushed: only what is new is in each, and there is none when nothing is. */
  readonly flushes = new Recorder<Flushed>((flushed) => JSON.stringify(flushed))
  /** As asked for, or else a free one; known once it runs. */
  port = 0
  readonly #folder: TemporaryFolder
  #child: ChildProcess | undefined

  private constructor(folder: TemporaryFolder) {
    this.#folder = folder
  }

  /** Resolves when it listens. */
  static async start(): Promise<StatsdServer> {
    const server = new StatsdServer(temporaryFolder())
    try {
      await server.run()
    } catch (error) {
      await server[Symbol.asyncDispose]()
      throw error
    }
    return server
  }

  /** The options of a plugin that is to send to it, for its section of an ini. */
  get ini(): string {
    return `host = 127.0.0.1\nport = ${this.port}\n`
  }

  /** Run it; again after `stop`, at the same port. */
  async run(): Promise<void> {
    // It takes a zero for no port at all, but not the text.
    const config = {
      port: String(this.port),
      address: '127.0.0.1',
      mgmt_port: '0',
      mgmt_address: '127.0.0.1',
      flushInterval: FLUSH_MS,
      deleteIdleStats: true,
      backends: [backend],
    }
    this.#folder.write('config.js', JSON.stringify(config))
    const args = ['--no-warnings', '--import', backend, program, this.#folder.path('config.js')]
    this.#child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
    const child = this.#child
    let words = ''
    child.stderr?.on('data', (data: Buffer) => {
      words = (words + data).slice(-10_000)
    })
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`the statsd server ended:\n${words}`)))
    child.on('message', (message: StatsdMessage) => {
      if (message.kind === 'flush') return this.flushes.add(message.flushed)
      if (message.kind === 'packet') return message.lines.forEach((line) => void this.lines.add(line))
      this.port = message.port
      resolve()
    })
    await promise
  }

  /** End it; what it has was told. */
  async stop(): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  /** The sum of a counter so far. A sample rate is made up for, by the server. */
  counter(name: string): number {
    return this.flushes.all.reduce((sum, { counters }) => sum + (counters[name] ?? 0), 0)
  }

  /** Resolves when a counter has come to at least so much. */
  async untilCounter(name: string, least = 1): Promise<void> {
    if (this.counter(name) >= least) return
    await this.flushes
      .until(() => this.counter(name) >= least)
      .catch((cause: unknown) => {
        throw new Error(`counter ${name} came to ${this.counter(name)}, not ${least}`, { cause })
      })
  }

  /** Resolves to the value of a gauge, once it comes (after `from`, an index of `flushes.all`) and `matches`. */
  async gauge(
    name: string,
    { from = 0, matches = () => true }: { readonly from?: number; readonly matches?: (value: number) => boolean } = {},
  ): Promise<number> {
    const found = ({ gauges }: Flushed) => gauges[name] !== undefined && matches(gauges[name])
    return (await this.flushes.until(found, { from })).gauges[name]!
  }

  /** Resolves to the first values of a timer, in milliseconds, once they come. */
  async timer(name: string, { from = 0 } = {}): Promise<readonly number[]> {
    return (await this.flushes.until(({ timers }) => timers[name] !== undefined, { from })).timers[name]!
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    this.#folder[Symbol.dispose]()
  }
}
