import { ReplyError } from '../channel/reply-error.ts'
import { KernelError, reasonOf } from '../errors.ts'
import { type CircusEvent, topicName } from '../events.ts'
import type { Log } from '../log.ts'
import { asPlugin } from './at-work.ts'
import { BoundedLog } from './bounded-log.ts'
import { type PluginClock, realClock } from './clock.ts'
import type { Circus, OtherFailure, PluginEvent } from './definition.ts'

/** A piece of a plugin that keeps the event loop longer than this, in milliseconds, is named in the log. */
const BLOCKING_MS = 100

/** So many failures of one plugin are told to others in a second; all are counted. */
const FAILURES_PER_SECOND = 100

type Listener = Parameters<Circus['on']>[1]
type FailureListener = Parameters<Circus['onPluginFailure']>[0]

/** Its failures are told to no plugin: two such listeners could keep each other busy for ever. */
const FAILURE_LISTENER = 'the listener for failures of plugins'

/** One failure of a function of a plugin. */
export interface PluginFailure {
  /** Which function. */
  readonly what: string
  readonly error: string
  /** How many there have been, this one included. */
  readonly failures: number
}

/** The last failure of a plugin. */
export interface PastFailure {
  readonly what: string
  readonly error: string
  /** Unix seconds. */
  readonly time: number
}

/**
 * What one running plugin has registered, and the wall around it: nothing that its functions do, throw, reject or leave
 * hanging gets past `guard`. Shared by plugins in the daemon and isolated ones.
 */
export class PluginScope {
  readonly name: string
  readonly log: Log
  /** How often a function of the plugin failed. */
  failures = 0
  lastFailure: PastFailure | undefined
  /** Milliseconds the plugin has kept the event loop. */
  busyMs = 0
  readonly #ended = new AbortController()
  readonly #listeners = new Map<string, Listener[]>()
  readonly #failureListeners: FailureListener[] = []

  readonly #onFailure: (failure: PluginFailure) => void
  readonly #clock: PluginClock
  readonly #boundedLog: BoundedLog
  /** Failures told in this second, and when it began. */
  #told = { count: 0, since: Number.NEGATIVE_INFINITY }

  constructor(name: string, log: Log, onFailure: (failure: PluginFailure) => void = () => {}, clock = realClock) {
    this.name = name
    this.#boundedLog = new BoundedLog(log.child(name))
    this.log = this.#boundedLog.log
    this.#onFailure = onFailure
    this.#clock = clock
  }

  get signal(): AbortSignal {
    return this.#ended.signal
  }

  get active(): boolean {
    return !this.signal.aborted
  }

  /** Whether it may write one line more now, in whatever way: those that are too many are counted, and told in the log. */
  admitsLine(): boolean {
    return this.#boundedLog.admits()
  }

  /** Lines it wanted to log, and which were too many. */
  get droppedLines(): number {
    return this.#boundedLog.dropped
  }

  /**
   * Run a function of the plugin. What it returns is handed on; when it throws or rejects, that is logged and counted
   * and the result is `undefined`. A plugin that has ended runs nothing.
   */
  guard<T>(what: string, fn: () => T): T | undefined {
    if (!this.active) return undefined
    try {
      const result = this.measured(what, fn)
      if (!(result instanceof Promise)) return result
      return result.catch((error: unknown) => this.fail(what, error)) as T
    } catch (error) {
      return this.fail(what, error)
    }
  }

  /** Run a function of the plugin, whose failure is told by others. */
  measured<T>(what: string, fn: () => T): T {
    const began = performance.now()
    try {
      return asPlugin(this, fn)
    } finally {
      const tookMs = performance.now() - began
      this.busyMs += tookMs
      if (tookMs > BLOCKING_MS) this.log.warning(`${what} kept the event loop busy for ${Math.round(tookMs)} ms`)
    }
  }

  /**
   * Run a function of the plugin that somebody waits for: like `guard`, but its failure is told to them as well, with
   * `ERR_PLUGIN_FAILED`. A `KernelError`, or what a daemon has refused, is no failure: the plugin refuses something.
   */
  async answer<T>(what: string, fn: () => Promise<T>): Promise<T> {
    let failure: unknown = new KernelError('ERR_PLUGIN_FAILED', [this.name, what, 'the plugin has ended'])
    let result: { readonly value: T } | undefined
    await this.guard(what, async () => {
      try {
        result = { value: await fn() }
      } catch (error) {
        failure = error
        if (error instanceof KernelError || error instanceof ReplyError) return
        failure = new KernelError('ERR_PLUGIN_FAILED', [this.name, what, reasonOf(error)], { cause: error })
        throw error
      }
    })
    if (result) return result.value
    throw failure
  }

  /** Log, count and tell a failure; not what was still under way when the plugin ended. */
  fail(what: string, error: unknown): undefined {
    if (!this.active) return
    const now = Date.now()
    this.failures++
    this.lastFailure = { what, error: reasonOf(error), time: now / 1000 }
    this.log.error(`${what} failed: ${reasonOf(error)}`)
    this.log.debug((error instanceof Error && error.stack) || reasonOf(error))
    if (Math.abs(now - this.#told.since) >= 1000) this.#told = { count: 0, since: now }
    if (this.#told.count++ >= FAILURES_PER_SECOND) return
    this.#onFailure({ what, error: reasonOf(error), failures: this.failures })
  }

  on(topic: string, listener: Listener): void {
    const list = this.#listeners.get(topic)
    if (list) list.push(listener)
    else this.#listeners.set(topic, [listener])
  }

  onPluginFailure(listener: FailureListener): void {
    this.#failureListeners.push(listener)
  }

  /** Hand a failure to the listeners, unless it is the plugin's own. */
  deliverFailure(failure: OtherFailure): void {
    if (failure.plugin === topicName(this.name) || failure.what === FAILURE_LISTENER) return
    for (const listener of this.#failureListeners) void this.guard(FAILURE_LISTENER, () => listener(failure))
  }

  /** Hand an event to the listeners that asked for it. */
  deliver(event: CircusEvent): void {
    let flat: PluginEvent | undefined
    for (const topic of [event.event, `${event.watcher}.${event.event}`, '*']) {
      const listeners = this.#listeners.get(topic)
      if (!listeners) continue
      flat ??= { ...event.payload, ...event }
      const heard = flat
      for (const listener of listeners) void this.guard(`the listener for ${topic}`, () => listener(heard))
    }
  }

  every(seconds: number, fn: () => void | Promise<void>): void {
    if (!this.active) return
    let running = false
    const run = async () => {
      if (running) return
      running = true
      await this.guard('a timer', fn)
      running = false
    }
    this.#onEnd(this.#clock.start({ plugin: this.name, seconds, repeats: true, run }))
  }

  after(seconds: number, fn: () => void | Promise<void>): () => void {
    // What was still under way when the plugin ended may ask for more: a timer would keep the program alive.
    if (!this.active) return () => {}
    const run = async () => {
      this.signal.removeEventListener('abort', cancel)
      await this.guard('a timer', fn)
    }
    const cancel = this.#clock.start({ plugin: this.name, seconds, repeats: false, run })
    this.#onEnd(cancel)
    return () => {
      this.signal.removeEventListener('abort', cancel)
      cancel()
    }
  }

  /** Everything that was registered ends. */
  end(): void {
    this.#ended.abort()
    this.#listeners.clear()
    this.#failureListeners.length = 0
    this.#boundedLog.flush()
  }

  #onEnd(fn: () => void): void {
    this.signal.addEventListener('abort', fn, { once: true })
  }
}
