import type * as redis from '@redis/client'
import type { RedisAddress } from './address.ts'

type Client = ReturnType<typeof create>

/** The server did not answer, or cannot be reached. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError'
}

/**
 * A connection that is kept, and made anew by the next question after it was lost. Nothing is ever queued: one question at
 * a time, and one that takes too long ends the connection.
 */
export class RedisConnection {
  readonly #library: typeof redis
  readonly #address: RedisAddress
  readonly #timeoutMs: number
  #client: Client | undefined

  constructor(library: typeof redis, address: RedisAddress, timeoutMs: number) {
    this.#library = library
    this.#address = address
    this.#timeoutMs = timeoutMs
  }

  /** What `INFO` answers, by its names. Rejects with `NoAnswerError`, or with what the server says is wrong. */
  async info(): Promise<ReadonlyMap<string, string>> {
    const { promise: late, reject } = Promise.withResolvers<never>()
    const timer = setTimeout(
      () => reject(new NoAnswerError(`gives no answer within ${this.#timeoutMs / 1000} s`)),
      this.#timeoutMs,
    )
    try {
      return fieldsOf(await Promise.race([this.#ask(), late]))
    } catch (error) {
      this.close()
      if (error instanceof this.#library.ErrorReply) throw new Error(`says ${printable(error.message)}`)
      if (error instanceof NoAnswerError) throw error
      throw new NoAnswerError(`fails: ${wordsOf(error)}`, { cause: error })
    } finally {
      clearTimeout(timer)
    }
  }

  /** Let go of the connection; the next question makes another. */
  close(): void {
    const client = this.#client
    this.#client = undefined
    client?.destroy()
  }

  async #ask(): Promise<string> {
    this.#client ??= this.#create()
    const client = this.#client
    if (!client.isOpen) await client.connect()
    return client.info()
  }

  #create(): Client {
    const client = create(this.#library, this.#address, this.#timeoutMs)
    // Whoever asks is told; what happens between two questions is found out by the next.
    client.on('error', () => {
      if (this.#client === client) this.close()
    })
    // One that was let go of while it connected goes on connecting (@redis/client 6.3).
    client.on('connect', () => {
      if (this.#client !== client) client.destroy()
    })
    return client
  }
}

function create(
  { createClient }: typeof redis,
  { socket, username, password, database }: RedisAddress,
  timeoutMs: number,
) {
  return createClient({
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(database !== undefined && { database }),
    socket: { ...socket, connectTimeout: timeoutMs, reconnectStrategy: false },
    // What every server understands, however old.
    RESP: 2,
    disableClientInfo: true,
    maintNotifications: 'disabled',
    disableOfflineQueue: true,
  })
}

function fieldsOf(info: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  for (const [, name, value] of info.matchAll(/^(\w+):(.*?)\r?$/gm)) fields.set(name!, value!)
  return fields
}

function wordsOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map((each: Error) => each.message).join(', ')
  return printable((error as Error).message)
}

const printable = (text: string): string => text.replaceAll(/[^\P{Cc}]+/gu, ' ').slice(0, 200)
