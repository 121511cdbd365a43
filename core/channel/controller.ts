import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import type { Router } from 'zeromq'
import { KernelError, reasonOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { type Binding, bind } from './bind.ts'
import { parseEndpoint } from './endpoint.ts'
import { type Access, type Caller, Guard, privateAccess } from './guard.ts'
import { listenAgain } from './listen-again.ts'
import { asKernelError, encodeFailure, encodeSuccess } from './reply.ts'
import { decodeRequest, type Request } from './request.ts'
import { zeromq } from './zeromq.ts'

/** Does what a request asks for, and gives the fields of the reply. What it throws becomes an error reply. */
export type Dispatch = (
  request: Request,
  caller: Caller,
) => Record<string, unknown> | undefined | Promise<Record<string, unknown> | undefined>

interface Bound {
  readonly router: Router
  readonly binding: Binding
  readonly guard: Guard
}

type State =
  | { readonly id: 'idle' }
  | (Bound & { readonly id: 'bound' })
  | { readonly id: 'renewing' }
  | { readonly id: 'closing'; readonly router: Router }
  | { readonly id: 'closed' }

/** Replies that one peer may leave unread; further ones are dropped and counted. */
const maxUnreadReplies = 10_000
/** A peer that sends a larger frame is disconnected by libzmq before it is held in memory. */
const maxFrameBytes = 64 * 1024 * 1024
/** How long closing waits for replies that are on their way. */
const flushMs = 500
/** How long requests are read before whatever else there is to do. */
const turnMs = 5
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
  readonly #access: Access
  #state: State = { id: 'idle' }
  #renewal: Promise<void> | undefined
  #dropped = 0
  #undelivered = 0
  #complainedAt = Number.NEGATIVE_INFINITY

  /** @param access Who may use it. @default whoever reaches the endpoint; of `ipc://`, this user and root */
  constructor({
    endpoint,
    dispatch,
    log,
    access = privateAccess,
  }: {
    endpoint: string
    dispatch: Dispatch
    log: Log
    access?: Access
  }) {
    this.#endpoint = endpoint
    this.#dispatch = dispatch
    this.#log = log
    this.#access = access
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
    const bound = await this.#bind(this.#endpoint)
    this.#listen(bound)
    return bound.binding.endpoint
  }

  /** Who can use it, in words. */
  get audience(): string {
    return this.#state.id === 'bound' ? this.#state.guard.describe() : 'nobody'
  }

  async #bind(endpoint: string): Promise<Bound> {
    const { Router } = zeromq()
    const router = new Router()
    router.linger = 0
    // A send is done, or has failed, when it returns: none is ever under way when the next begins (EBUSY).
    router.sendTimeout = 0
    router.mandatory = true
    router.sendHighWaterMark = maxUnreadReplies
    router.maxMessageSize = maxFrameBytes
    const guard = new Guard('control', parseEndpoint('endpoint', endpoint), this.#access, this.#log)
    try {
      guard.protect(router)
      return { router, guard, binding: await bind(router, 'endpoint', endpoint, this.#access) }
    } catch (error) {
      router.close()
      guard.release()
      throw error
    }
  }

  /** Stop reading and listening. Replies that are ready are still sent; those of work under way are not. */
  async close(): Promise<void> {
    if (this.#state.id === 'renewing') {
      this.#state = { id: 'closed' }
      await this.#renewal
    }
    if (this.#state.id !== 'bound') return
    const { router, binding, guard } = this.#state
    this.#state = { id: 'closing', router }
    await setImmediate() // lets work that has just ended answer
    this.#state = { id: 'closed' }
    await binding.close(flushMs)
    guard.release()
  }

  #listen(bound: Bound): void {
    this.#state = { ...bound, id: 'bound' }
    void this.#read(bound.router, bound.guard)
  }

  /** Have all clients connect again, and so prove again that they may. Replies to work under way are lost. */
  async #renew(): Promise<void> {
    if (this.#state.id !== 'bound') return
    const { binding, guard } = this.#state
    this.#state = { id: 'renewing' }
    await binding.close(flushMs)
    guard.release()
    const bound = await listenAgain('control', this.#log, () => this.#renewing && this.#bind(binding.endpoint))
    if (bound && this.#renewing) this.#listen(bound)
    else if (bound) {
      await bound.binding.close(0)
      bound.guard.release()
    }
  }

  get #renewing(): boolean {
    return this.#state.id === 'renewing'
  }

  async #read(router: Router, guard: Guard): Promise<void> {
    const reads = () => this.#state.id === 'bound' && this.#state.router === router
    let turnEnds = 0
    while (reads()) {
      try {
        this.#accept(router, guard, await router.receive())
        // While messages wait, `receive` goes on without the event loop: timers, exits and other sockets have their turn.
        if (performance.now() < turnEnds) continue
        await setImmediate()
        turnEnds = performance.now() + turnMs
      } catch (error) {
        if (!reads()) return
        this.#log.error(`the control channel cannot read: ${reasonOf(error)}`)
        await sleep(100)
      }
    }
  }

  #accept(router: Router, guard: Guard, frames: Buffer[]): void {
    if (this.#state.id !== 'bound') return
    const delimited = frames.length === 3 && frames[1]?.length === 0
    if (frames.length !== 2 && !delimited) {
      this.#dropped++
      this.#complain(`dropped a message of ${frames.length - 1} frames from ${this.#nameOf(frames[0]!)}`)
      return
    }
    const address = frames.slice(0, -1)
    const decoded = decodeRequest(frames.at(-1)!)
    if ('error' in decoded) {
      if (!decoded.cast) this.#send(router, address, encodeFailure(decoded.id, decoded.error))
      return
    }
    const caller = guard.callerOf(address[0]!)
    if (caller instanceof KernelError) {
      if (!decoded.cast) this.#send(router, address, encodeFailure(decoded.id, caller))
    } else if (caller) {
      this.#serve(router, address, decoded, caller)
    } else {
      const why =
        'keys were removed, and you do not prove which one you have: ask again in a moment, on a new connection'
      if (!decoded.cast) this.#send(router, address, encodeFailure(decoded.id, new KernelError('ERR_FORBIDDEN', [why])))
      this.#renewal ??= this.#renew().finally(() => (this.#renewal = undefined))
    }
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
        this.#complain(`dropped a reply to ${this.#nameOf(address[0]!)}: ${error.message}`)
    })
  }

  /** With keys, a routing id is a proof, and nobody else's business. */
  #nameOf(identity: Buffer): string {
    return this.#access.keys ? 'a client' : identityText(identity)
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
