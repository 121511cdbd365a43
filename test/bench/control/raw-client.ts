import { Dealer } from 'zeromq'

/** One connection. Answers are told apart by their number, which is all that is read of them. */
export class RawClient {
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
