import { KernelError, reasonOf } from '../errors.ts'
import type { CircusEvent } from '../events.ts'
import type { Log } from '../log.ts'
import { type PluginClock, realClock } from './clock.ts'
import type { Circus, PluginEvent } from './definition.ts'

/** A piece of a plugin that keeps the event loop longer than this, in milliseconds, is named in the log. */
const BLOCKING_MS = 100

type Listener = Parameters<Circus['on']>[1]

/** One failure of a function of a plugin. */
export interface PluginFailure {
  /** Which function. */
  readonly what: string
  readonly error: string
  /** How many there have been, this one included. */
  readonly failures: number
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
  /** Milliseconds the plugin has kept the event loop. */
  busyMs = 0
  readonly #ended = new AbortController()
  readonly #listeners = new Map<string, Listener[]>()

  readonly #onFailure: (failure: PluginFailure) => void
  readonly #clock: PluginClock

  constructor(name: string, log: Log, onFailure: (failure: PluginFailure) => void = () => {}, clock = realClock) {
    this.name = name
    this.log = log.child(name)
    this.#onFailure = onFailure
    this.#clock = clock
  }

  get signal(): AbortSignal {
    return this.#ended.signal
  }

  get active(): boolean {
    return !this.signal.aborted
  }

  /**
   * Run a function of the plugin. What it returns is handed on; when it throws or rejects, that is logged and counted
   * and the result is `undefined`. A plugin that has ended runs nothing.
   */
  guard<T>(what: string, fn: () => T): T | undefined {
    if (!this.active) return undefined
    const began = performance.now()
    try {
      const result = fn()
      if (!(result instanceof Promise)) return result
      return result.catch((error: unknown) => this.fail(what, error)) as T
    } catch (error) {
      return this.fail(what, error)
    } finally {
      const tookMs = performance.now() - began
      this.busyMs += tookMs
      if (tookMs > BLOCKING_MS) this.log.warning(`${what} kept the event loop busy for ${Math.round(tookMs)} ms`)
    }
  }

  /**
   * Run a function of the plugin that somebody waits for: like `guard`, but its failure is told to them as well, with
   * `ERR_PLUGIN_FAILED`. A `KernelError` is no failure: the plugin refuses something.
   */
  async answer<T>(what: string, fn: () => Promise<T>): Promise<T> {
    let failure: unknown = new KernelError('ERR_PLUGIN_FAILED', [this.name, what, 'the plugin has ended'])
    let result: { readonly value: T } | undefined
    await this.guard(what, async () => {
      try {
        result = { value: await fn() }
      } catch (error) {
        failure = error
        if (error instanceof KernelError) return
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
    this.failures++
    this.log.error(`${what} failed: ${reasonOf(error)}`)
    this.log.debug((error instanceof Error && error.stack) || reasonOf(error))
    this.#onFailure({ what, error: reasonOf(error), failures: this.failures })
  }

  on(topic: string, listener: Listener): void {
    const list = this.#listeners.get(topic)
    if (list) list.push(listener)
    else this.#listeners.set(topic, [listener])
  }

  /** Hand an event to the listeners that asked for it. */
  deliver(event: CircusEvent): void {
    const flat: PluginEvent = { ...event.payload, ...event }
    for (const topic of [event.event, `${event.watcher}.${event.event}`, '*']) {
      for (const listener of this.#listeners.get(topic) ?? []) {
        void this.guard(`the listener for ${topic}`, () => listener(flat))
      }
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
  }

  #onEnd(fn: () => void): void {
    this.signal.addEventListener('abort', fn, { once: true })
  }
}
