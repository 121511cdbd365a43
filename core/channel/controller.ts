import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import type { Router } from 'zeromq'
import { KernelError, reasonOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { type Binding, bind } from './bind.ts'
import type { Endpoint } from './endpoint.ts'
import { asKernelError, encodeFailure, encodeSuccess } from './reply.ts'
import { decodeRequest, type Request } from './request.ts'
import { zeromq } from './zeromq.ts'

/** Who sent a request. */
export interface Caller {
  /** Of the client's socket: as text when the client chose one, else in hex. */
  readonly identity: string
  readonly transport: Endpoint['transport']
}

/** Does what a request asks for, and gives the fields of the reply. What it throws becomes an error reply. */
export type Dispatch = (
  request: Request,
  caller: Caller,
) => Record<string, unknown> | undefined | Promise<Record<string, unknown> | undefined>

type State =
  | { readonly id: 'idle' }
  | { readonly id: 'bound'; readonly router: Router; readonly binding: Binding }
  | { readonly id: 'closing'; readonly router: Router }
  | { readonly id: 'closed' }

/** Replies that one peer may leave unread; further ones are dropped and counted. */
const maxUnreadReplies = 10_000
/** A peer that sends a larger frame is disconnected by libzmq before it is held in memory. */
const maxFrameBytes = 64 * 1024 * 1024
/** How long closing waits for replies that are on their way. */
const flushMs = 500
/** Between two log lines about dropped messages. */
const complaintMs = 5_000

/**
 * The control channel: reads requests, has them done, sends the replies in the order in which they are ready.
 * No message of any form stops it.
 */
export class Controller {
  readonly #endpoint: string
  readonly #dispatch: Dispatch
  readonly #log: Log
  #state: State = { id: 'idle' }
  #dropped = 0
  #undelivered = 0
  #complainedAt = Number.NEGATIVE_INFINITY

  constructor({ endpoint, dispatch, log }: { endpoint: string; dispatch: Dispatch; log: Log }) {
    this.#endpoint = endpoint
    this.#dispatch = dispatch
    this.#log = log
  }

  /** Messages that were no request by their frames, and so could not be answered. */
  get dropped(): number {
    return this.#dropped
  }

  /** Replies whose client was gone, or did not read. */
  get undelivered(): number {
    return this.#undelivered
  }

  /**
   * Listen, and resolve to the real endpoint.
   *
   * @throws ERR_ENDPOINT_IN_USE, ERR_ENDPOINT_INVALID
   */
  async bind(): Promise<string> {
    const { Router } = zeromq()
    const router = new Router()
    router.linger = 0
    // A send is done, or has failed, when it returns: none is ever under way when the next begins (EBUSY).
    router.sendTimeout = 0
    router.mandatory = true
    router.sendHighWaterMark = maxUnreadReplies
    router.maxMessageSize = maxFrameBytes
    try {
      const binding = await bind(router, 'endpoint', this.#endpoint)
      this.#state = { id: 'bound', router, binding }
      void this.#read(router, binding.transport)
      return binding.endpoint
    } catch (error) {
      router.close()
      throw error
    }
  }

  /** Stop reading and listening. Replies that are ready are still sent; those of work under way are not. */
  async close(): Promise<void> {
    if (this.#state.id !== 'bound') return
    const { router, binding } = this.#state
    this.#state = { id: 'closing', router }
    await setImmediate() // lets work that has just ended answer
    this.#state = { id: 'closed' }
    await binding.close(flushMs)
  }

  async #read(router: Router, transport: Caller['transport']): Promise<void> {
    while (this.#state.id === 'bound') {
      try {
        this.#accept(router, transport, await router.receive())
      } catch (error) {
        if (this.#state.id !== 'bound') return
        this.#log.error(`the control channel cannot read: ${reasonOf(error)}`)
        await sleep(100)
      }
    }
  }

  #accept(router: Router, transport: Caller['transport'], frames: Buffer[]): void {
    if (this.#state.id !== 'bound') return
    const delimited = frames.length === 3 && frames[1]?.length === 0
    if (frames.length !== 2 && !delimited) {
      this.#dropped++
      this.#complain(`dropped a message of ${frames.length - 1} frames from ${identityText(frames[0]!)}`)
      return
    }
    const address = frames.slice(0, -1)
    const decoded = decodeRequest(frames.at(-1)!)
    if ('error' in decoded) {
      if (!decoded.cast) this.#send(router, address, encodeFailure(decoded.id, decoded.error))
      return
    }
    this.#serve(router, address, decoded, { identity: identityText(address[0]!), transport })
  }

  #serve(router: Router, address: Buffer[], request: Request, caller: Caller): void {
    const succeed = (fields: Record<string, unknown> | undefined) => {
      if (request.cast) return
      let text: string
      try {
        text = encodeSuccess(request.id, fields)
      } catch (error) {
        fail(error)
        return
      }
      this.#send(router, address, text)
    }
    const fail = (error: unknown) => {
      if (!(error instanceof KernelError)) this.#log.error(`command ${request.command}: ${stackOf(error)}`)
      if (!request.cast) this.#send(router, address, encodeFailure(request.id, asKernelError(error)))
    }
    try {
      const done = this.#dispatch(request, caller)
      if (done instanceof Promise) done.then(succeed, fail)
      else succeed(done)
    } catch (error) {
      fail(error)
    }
  }

  #send(router: Router, address: Buffer[], text: string): void {
    if (this.#state.id !== 'bound' && this.#state.id !== 'closing') return
    router.send([...address, text]).catch((error: NodeJS.ErrnoException) => {
      this.#undelivered++
      // A client that does not wait for its reply is nothing to report.
      if (error.code !== 'EHOSTUNREACH')
        this.#complain(`dropped a reply to ${identityText(address[0]!)}: ${error.message}`)
    })
  }

  #complain(what: string): void {
    const now = performance.now()
    if (now - this.#complainedAt < complaintMs) return
    this.#complainedAt = now
    this.#log.warning(`control channel: ${what} (so far ${this.#dropped} messages, ${this.#undelivered} replies)`)
  }
}

/** A socket that was given no identity has one that starts with a zero byte. */
function identityText(identity: Buffer): string {
  return identity[0] === 0 ? identity.toString('hex') : identity.toString('utf8')
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
