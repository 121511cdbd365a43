import { configFromObject, type WatcherInput } from '../../../core/config/index.ts'
import { type CircusEvent, EventBus } from '../../../core/events.ts'
import { createHooks, type Hooks } from '../../../core/hooks.ts'
import { StreamClasses } from '../../../core/output/stream-classes.ts'
import { Sockets } from '../../../core/sockets/sockets.ts'
import { killTrees } from '../../../core/termination.ts'
import { Watcher } from '../../../core/watcher.ts'
import { LogRecorder, Recorder } from '../../harness/index.ts'

export { program } from '../posix/running.ts'

/** A watcher of a test, without an arbiter: its hooks, its events and its log. Leaving its scope kills its processes. */
export class Watched implements AsyncDisposable {
  readonly hooks: Hooks = createHooks((tap) => tap.fn)
  readonly events = new Recorder<CircusEvent>(({ event, payload }) => `${event} ${JSON.stringify(payload)}`)
  readonly log = new LogRecorder()
  /** The smallest and the greatest number of processes that lived at once, since it was last reset. */
  readonly alive = { least: Number.POSITIVE_INFINITY, most: 0 }
  readonly watcher: Watcher

  constructor(options: WatcherInput) {
    const [config] = configFromObject({ watchers: [{ name: 'web', copy_env: true, ...options }] }).watchers
    const events = new EventBus(this.hooks)
    this.hooks.event.tap('recorder', (event) => {
      this.alive.least = Math.min(this.alive.least, this.watcher.pids.length)
      this.alive.most = Math.max(this.alive.most, this.watcher.pids.length)
      this.events.add(event)
    })
    const sockets = new Sockets(this.log.log)
    const streams = new StreamClasses('/', (name) => Promise.reject(new Error(name)))
    const onOutput = () => {}
    this.watcher = new Watcher(config!, { hooks: this.hooks, events, log: this.log.log, sockets, streams, onOutput })
  }

  /** Make one and start it. */
  static async started(options: WatcherInput): Promise<Watched> {
    const watched = new Watched(options)
    await watched.watcher.start()
    return watched
  }

  /** The names of its events so far, in order. */
  get names(): string[] {
    return this.events.all.map(({ event }) => event)
  }

  /** How many of these events there were. */
  count(name: string): number {
    return this.names.filter((event) => event === name).length
  }

  /** Wait for an event, or the `count`-th of its kind; `from` is an index of `events.all`. */
  event(name: string, options: { count?: number; from?: number } = {}): Promise<CircusEvent> {
    return this.events.until(({ event }) => event === name, options)
  }

  /** From now on count those alive anew. */
  resetAlive(): void {
    this.alive.least = this.watcher.pids.length
    this.alive.most = this.watcher.pids.length
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const left = this.watcher.processes
    // Some tests make SIGTERM useless; none waits for that.
    this.watcher.killNow()
    killTrees(left)
    await Promise.all(left.map((process) => process.exited))
    await this.watcher.stop('the end of the test')
  }
}

/** The pid an event is about. */
export const pidOf = (event: CircusEvent): number => event.payload['process_pid'] as number

/** Numbers that look random and are the same for the same seed: from 0 to below `n`. */
export function generator(seed: number): (n: number) => number {
  let state = seed
  return (n) => {
    // mulberry32
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % n
  }
}
