import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { type TemporaryFolder, temporaryFolder } from '../../harness/index.ts'

/** The command of a redis-server that listens at a socket in a folder, and keeps nothing. */
export const redisCommand = (folder: string, password = ''): string[] => [
  'redis-server',
  ...['--port', '0', '--unixsocket', `${folder}/redis.sock`, '--dir', folder],
  ...['--save', '', '--appendonly', 'no', '--requirepass', password],
]

/** A real redis-server at a unix socket, and at a TCP port that leads there. */
export class RedisServer implements AsyncDisposable {
  readonly #folder: TemporaryFolder = temporaryFolder()
  readonly #password: string
  #child: ChildProcess | undefined
  readonly #way = createServer((inwards) => {
    const outwards = connect(this.path)
    for (const socket of [inwards, outwards]) socket.on('error', () => {})
    inwards.pipe(outwards).pipe(inwards)
    inwards.on('close', () => outwards.destroy())
    outwards.on('close', () => inwards.destroy())
  })

  private constructor(password: string) {
    this.#password = password
  }

  static async start(password = ''): Promise<RedisServer> {
    const server = new RedisServer(password)
    try {
      server.#way.listen(0, '127.0.0.1')
      await once(server.#way, 'listening')
      await server.run()
    } catch (error) {
      await server[Symbol.asyncDispose]()
      throw error
    }
    return server
  }

  get path(): string {
    return this.#folder.path('redis.sock')
  }

  get port(): number {
    return (this.#way.address() as AddressInfo).port
  }

  /** Resolves when it listens; again after `kill`, at the same places. */
  async run(): Promise<void> {
    const [program = '', ...args] = redisCommand(this.#folder.root, this.#password)
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    this.#child = child
    let words = ''
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', () => reject(new Error(`redis-server ended:\n${words}`)))
      child.stdout.on('data', (data: Buffer) => {
        words = (words + data).slice(-10_000)
        if (words.includes('ready to accept connections')) resolve()
      })
    })
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name)
  }

  async kill(): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  /** How many connections there are to its TCP port. */
  connections(): Promise<number> {
    return new Promise((resolve, reject) =>
      this.#way.getConnections((error, count) => (error ? reject(error) : resolve(count))),
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child?.pid !== undefined) await this.kill()
    this.#way.close()
    this.#folder[Symbol.dispose]()
  }
}
