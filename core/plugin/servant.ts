import type { Caller } from '../command/command.ts'
import { KernelError, relayedError } from '../errors.ts'

type Fields = Record<string, unknown>

/** How long a process is kept waiting before it hears that there are no requests, in milliseconds. */
export const HOLD_MS = 20_000

/** A command that somebody has asked a plugin in a process of its own for. */
export interface RemoteRequest {
  readonly id: number
  readonly command: string
  /** Not checked: the process has the schema. */
  readonly properties: Readonly<Fields>
  readonly caller: Caller
}

/** What became of a request. */
export interface RemoteAnswer {
  readonly id: number
  readonly fields?: Fields
  readonly error?: { readonly code?: string | undefined; readonly message: string }
}

/** The process of a plugin that answers commands: what it is asked waits here until it comes for it. */
export class Servant {
  readonly plugin: string
  #pid = 0
  #queue: RemoteRequest[] = []
  /** What is not answered yet, by the number of the request. */
  readonly #open = new Map<number, PromiseWithResolvers<Fields>>()
  #waiting: PromiseWithResolvers<readonly RemoteRequest[]> | undefined
  #lastId = 0

  readonly #isThere: (pid: number) => boolean

  /** @param isThere whether a process that came for requests can still take them, as far as that is known */
  constructor(plugin: string, isThere: (pid: number) => boolean) {
    this.plugin = plugin
    this.#isThere = isThere
  }

  get pid(): number {
    return this.#pid
  }

  /** Another process takes over what was not fetched. What the one before has fetched, it will not answer any more. */
  set pid(pid: number) {
    if (pid === this.#pid) return
    const why = `process ${pid} answers its commands now`
    this.#waiting?.reject(new KernelError('ERR_PLUGIN_INVALID', [this.plugin, why]))
    this.#waiting = undefined
    const unfetched = new Set(this.#queue.map(({ id }) => id))
    for (const id of this.#open.keys()) if (!unfetched.has(id)) this.#fail(id, `its process ${this.#pid} is gone`)
    this.#pid = pid
  }

  /** Ask it. Resolves to its answer; rejects with the error it had, or `ERR_PLUGIN_FAILED` when it will not answer any more. */
  ask(command: string, properties: Readonly<Fields>, caller: Caller): Promise<Fields> {
    const id = ++this.#lastId
    const answer = Promise.withResolvers<Fields>()
    this.#open.set(id, answer)
    this.#queue.push({ id, command, properties, caller })
    if (this.#isThere(this.#pid)) this.#hand()
    return answer.promise
  }

  /** Its process comes for requests. Resolves to none when time is up, or when it comes once more meanwhile. */
  async fetch(): Promise<readonly RemoteRequest[]> {
    this.#waiting?.resolve([])
    const waiting = Promise.withResolvers<readonly RemoteRequest[]>()
    this.#waiting = waiting
    const timer = setTimeout(() => this.#hand(), HOLD_MS).unref()
    if (this.#queue.length > 0) this.#hand()
    try {
      return await waiting.promise
    } finally {
      clearTimeout(timer)
    }
  }

  /** It has done something. */
  settle({ id, fields, error }: RemoteAnswer): void {
    const open = this.#open.get(id)
    this.#open.delete(id)
    if (error) open?.reject(relayedError(error.code, error.message))
    else open?.resolve(fields ?? {})
  }

  /** It answers nothing any more. */
  end(why: string): void {
    for (const id of this.#open.keys()) this.#fail(id, why)
    this.#queue = []
    this.#hand()
  }

  #hand(): void {
    if (!this.#waiting) return
    this.#waiting.resolve(this.#queue)
    this.#waiting = undefined
    this.#queue = []
  }

  #fail(id: number, why: string): void {
    this.#open.get(id)?.reject(new KernelError('ERR_PLUGIN_FAILED', [this.plugin, 'its command', why]))
    this.#open.delete(id)
  }
}
