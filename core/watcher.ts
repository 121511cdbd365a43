import {
  changeOptions,
  compareWatchers,
  type WatcherChange,
  type WatcherConfig,
  type WatcherOptions,
} from './config/index.ts'
import { Demand } from './demand.ts'
import { KernelError, reasonOf } from './errors.ts'
import { orAbort, startError } from './interruption.ts'
import type { Log } from './log.ts'
import type { WatcherOutput } from './output/watcher-output.ts'
import { SIGHUP } from './posix/signals.ts'
import type { Process } from './process.ts'
import { type Pause, ProcessPool, type WatcherContext } from './process-pool.ts'
import { Roster } from './roster.ts'
import { WatcherHistory } from './watcher-history.ts'
import { WorkQueue } from './work-queue.ts'

/**
 * What a watcher is doing. `start` leads from `stopped` over `starting` to `active`; `stop`, or a start that failed,
 * leads back over `stopping`.
 */
export type WatcherStatus = 'stopped' | 'starting' | 'active' | 'stopping'

/** What became of a watcher's processes in a start, restart or reload: their pids. */
export interface Changes {
  readonly started: number[]
  readonly kept: number[]
  readonly stopped: number[]
}

/** How to reload. */
interface Reload {
  /** False: restart. @default true */
  readonly graceful?: boolean
  /** One process after the other. @default false */
  readonly sequential?: boolean
  /** Whether one that is stopped is started. @default true */
  readonly wake?: boolean
  /** Why, when it is a program that does it by itself. */
  readonly reason?: string
}

/**
 * One command as N processes. What is asked of it is done one after another, by a queue of its own; what happens to its
 * processes meanwhile is handled as it happens, by its pool.
 */
export class Watcher {
  readonly name: string
  /** Why it is stopped although nobody stopped it; `null` otherwise. */
  reason: string | null = null
  /** Shorter lives of its processes, in milliseconds, count as dying at once, where the usual second is too short. */
  shortLifeMs: number | undefined
  readonly history = new WatcherHistory()
  #config: WatcherConfig
  #status: WatcherStatus = 'stopped'
  #generation = 0
  /** Whether it is being removed, and if so, whether its processes live on. */
  #removal: 'none' | 'stop' | 'nostop' = 'none'
  readonly #queue = new WorkQueue()
  readonly #pool: ProcessPool
  readonly #roster: Roster
  readonly #demand = new Demand((socket) => void this.#answer(socket.name))
  readonly #context: WatcherContext
  readonly #log: Log

  constructor(config: WatcherConfig, context: WatcherContext) {
    this.name = config.name
    this.#config = config
    this.#context = context
    this.#log = context.log.child(config.name)
    const listener = { onGiveUp: (error: Error) => this.#giveUp(error), onEmpty: () => this.#stopIfEmpty() }
    this.#pool = new ProcessPool(this, context, listener, this.#log)
    this.#roster = new Roster(this, this.#pool, (error) => this.#giveUp(error))
  }

  get config(): WatcherConfig {
    return this.#config
  }

  get options(): WatcherOptions {
    return this.#config.options
  }

  get status(): WatcherStatus {
    return this.#status
  }

  /** Whether it is leaving, or has left: nothing it needs has to stay for it. */
  get leaving(): boolean {
    return this.#removal !== 'none'
  }

  /** Counts up whenever an option changes that shapes processes. */
  get generation(): number {
    return this.#generation
  }

  /** The processes that live, in the order they were started. */
  get processes(): Process[] {
    return this.#pool.processes
  }

  get pids(): number[] {
    return this.#pool.pids
  }

  /** The pause that a respawn waits out; the one that ends first. */
  get pause(): Pause | null {
    return this.#pool.pause
  }

  /** Whether its processes have sockets of the daemon, so that old and new ones can serve side by side. */
  get sharesSockets(): boolean {
    return this.#context.sockets.usedBy(this.options).length > 0
  }

  /** Where its processes' output goes, and the end of it. */
  get output(): WatcherOutput {
    return this.#pool.output
  }

  /** The process of that pid. Throws `ERR_PROCESS_UNKNOWN`. */
  process(pid: number): Process {
    return this.#pool.process(pid)
  }

  /**
   * Start it, unless it runs. Resolves when every process was spawned.
   * Rejects with `ERR_VETOED`, `ERR_START_FAILED` or `ERR_START_ABORTED`; it is stopped then.
   */
  start(): Promise<Changes> {
    return this.#work((signal) => this.#start(signal))
  }

  /**
   * Stop it, and cut short whatever waits before. `by` is told to those who wait; `reason` is why, when it is a program
   * that stops it by itself: it is kept unless the watcher is stopped, or being stopped, already. Without one, somebody
   * wants it stopped, and an older reason is taken away. Resolves when no process is left.
   */
  async stop(by = 'stop', reason: string | null = null): Promise<void> {
    const keeps = reason === null || this.#status === 'starting' || this.#status === 'active'
    this.#queue.interrupt(by)
    await this.#queue.run(async () => {
      await this.#stop(keeps ? reason : null)
      if (keeps) this.reason = reason
    })
  }

  /** Stop it, then start it. `reason` is why, when it is a program that does so by itself. Rejects like `start`. */
  restart(reason: string | null = null): Promise<Changes> {
    return this.#work((signal) => this.#restart(signal, reason))
  }

  /**
   * Replace its processes: all at once, the old ones being stopped when all new ones run; or, `sequential`, one by one,
   * the old one first. With `send_hup` they get SIGHUP instead. Not `graceful`: restart. One that is stopped is started,
   * unless `wake` is false.
   * Rejects with `ERR_START_FAILED` when new processes cannot be spawned, and with `ERR_RELOAD_FAILED` when they share
   * sockets with the old ones and do not live for a second; the old ones then stay, and `reload_failed` is published.
   */
  reload({ graceful = true, sequential = false, wake = true, reason }: Reload = {}): Promise<Changes> {
    return this.#work(async (signal) => {
      const isStopped = this.#status !== 'active'
      if (isStopped && !wake) return
      if (!graceful) return this.#restart(signal, reason)
      if (isStopped) await this.#start(signal)
      else if (this.options.send_hup)
        await Promise.all(this.#pool.holders.map((process) => this.signal(process, SIGHUP)))
      else await this.#replace(sequential, signal)
      if (reason !== undefined) this.history.renewed(reason)
      this.#publish('reload', reason === undefined ? {} : { reason })
      this.#log.info(reason === undefined ? 'reloaded' : `reloaded: ${reason}`)
    })
  }

  /** Change `numprocesses`; below 0 counts as 0. Throws `ERR_SINGLETON`. `done` settles when they run or are gone. */
  resize(numprocesses: number): { readonly numprocesses: number; readonly done: Promise<void> } {
    const wanted = Math.max(numprocesses, 0)
    if (this.options.singleton && wanted > 1) throw new KernelError('ERR_SINGLETON', [this.name])
    return { numprocesses: wanted, done: this.set({ numprocesses: wanted }) }
  }

  /**
   * Change options. They are checked whole and in force at once; resolves when processes have followed: replaced one by
   * one, or more or fewer of them. Throws (at once) `ERR_OPTION_UNKNOWN`, `ERR_OPTION_INVALID`, `ERR_WATCHER_INVALID`.
   */
  set(changes: Readonly<Record<string, unknown>>): Promise<void> {
    const { config, ...change } = changeOptions(this.#config, changes)
    // As in the original, whoever sets an option hears that it is set, also when it was so before.
    if (change.changed.length === 0) this.#publish('updated')
    return this.#reconfigure(config, change)
  }

  /** Take over another configuration of the same watcher, touching only what differs. */
  update(config: WatcherConfig): Promise<void> {
    return this.#reconfigure(config, compareWatchers(this.#config, config))
  }

  /** Send a signal to one of its processes, through the hooks. `false`: kept back by a hook, or there is nobody left. */
  signal(process: Process, signum: number): Promise<boolean> {
    return this.#pool.signaller.signal(process, signum)
  }

  /**
   * Stop one process: a signal (@default `stop_signal`), and SIGKILL after the grace time (@default `graceful_timeout`).
   * A successor takes its place as usual.
   */
  kill(process: Process, how: { readonly signum?: number; readonly graceMs?: number } = {}): Promise<void> {
    if (this.options.respawn) this.history.restarted('kill')
    return this.#pool.signaller.stop(process, how)
  }

  /** The daemon has other sockets for it: its processes are replaced by such as have them. Rejects like `reload`. */
  async followSockets(): Promise<void> {
    if (this.#demand.armed) this.#awaitDemand()
    await this.#queue.run(async (signal) => {
      if (this.#status === 'active') await this.#replace(false, signal)
    })
  }

  /** SIGKILL everything, now, and start nothing any more. */
  killNow(): void {
    this.#demand.disarm()
    this.#pool.killNow()
  }

  /**
   * Stop it for good: whatever is asked of it from now on is rejected with `ERR_WATCHER_REMOVED`. With `nostop` its
   * processes are let go without being touched: they live on, and nobody watches them.
   */
  async remove({ nostop = false } = {}): Promise<void> {
    this.#removal = nostop ? 'nostop' : 'stop'
    this.#queue.interrupt('rm')
    await this.#queue.run(async () => {
      if (!nostop) return this.#stop()
      this.#demand.disarm()
      this.#pool.release()
      this.#status = 'stopped'
    })
  }

  /** Look after places that should be filled by now: what the daemon's tick does. */
  reconcile(): void {
    void this.#pool.fill()
  }

  async #start(signal: AbortSignal): Promise<void> {
    if (this.#status === 'active') return
    if (this.options.on_demand) this.#awaitDemand()
    else await this.#run(signal)
  }

  /** From now on a connection starts it. Throws what keeps it from waiting, which is its `reason` then. */
  #awaitDemand(pauseMs = 0): void {
    const sockets = this.#context.sockets.usedBy(this.options)
    try {
      if (!this.#demand.arm(sockets, pauseMs)) throw new KernelError('ERR_START_FAILED', [this.name, nothingToWaitFor])
    } catch (error) {
      throw this.#note(startError(this.name, error))
    }
    this.reason = `waits for a connection at ${sockets.map(({ name }) => name).join(', ')}`
  }

  /** Wait once more, unless that cannot be done any more: why is its `reason` then. */
  #awaitNextDemand(pauseMs: number): void {
    if (!this.options.on_demand || this.#removal !== 'none') return
    try {
      this.#awaitDemand(pauseMs)
    } catch {
      // Noted.
    }
  }

  async #answer(socket: string): Promise<void> {
    this.#log.info(`a connection at ${socket}`)
    await this.#queue.run(async (signal) => {
      if (this.#removal !== 'none' || this.#status !== 'stopped' || signal.aborted) return
      try {
        await this.#run(signal)
      } catch {
        // Why is in the log. The connection still waits: it would be answered by the same failure at once.
        if (!signal.aborted) this.#awaitNextDemand(this.options.respawn_delay_max * 1000)
      }
    })
  }

  async #run(signal: AbortSignal): Promise<void> {
    this.#demand.disarm()
    const { beforeStart, afterStart } = this.#context.hooks
    if (beforeStart.isUsed() && (await orAbort(this.name, beforeStart.promise(this), signal)) === false) {
      throw this.#note(new KernelError('ERR_VETOED', [this.name, 'the start', 'before_start']))
    }
    this.#status = 'starting'
    this.reason = null
    const [before] = this.history.exits
    this.#pool.open()
    try {
      await this.#roster.fill(signal)
      if (afterStart.isUsed() && (await orAbort(this.name, afterStart.promise(this), signal)) === false) {
        throw new KernelError('ERR_VETOED', [this.name, 'the start', 'after_start'])
      }
    } catch (error) {
      const lines = this.history.exits[0] === before ? [] : this.history.lastWords
      const reason = signal.aborted ? null : startError(this.name, error).message
      if (this.#removal !== 'nostop') await this.#stop(reason)
      const failure = startError(this.name, error, signal)
      if (lines.length > 0) failure.lines = lines
      throw this.#note(failure)
    }
    this.#status = 'active'
    this.history.activated()
    this.#publish('start')
    this.#log.info(`started, ${describePids(this.pids)}`)
  }

  /** @param reason Why, when nobody asked for it. */
  async #stop(reason: string | null = null): Promise<void> {
    this.#demand.disarm()
    if (this.#status === 'stopped') return
    const { beforeStop, afterStop } = this.#context.hooks
    const why = reason === null ? {} : { reason, lines: this.history.lastWords }
    this.#status = 'stopping'
    this.#pool.close('stop')
    if (beforeStop.isUsed()) await beforeStop.promise(this)
    await this.#pool.dismiss(this.processes)
    this.#status = 'stopped'
    this.#publish('stop', why)
    if (afterStop.isUsed()) await afterStop.promise(this)
    this.#log.info('stopped')
  }

  async #restart(signal: AbortSignal, reason: string | null = null): Promise<void> {
    if (reason !== null) {
      this.history.renewed(reason)
      this.#log.info(`is restarted: ${reason}`)
    }
    const { length } = this.processes
    await this.#stop(reason)
    if (signal.aborted) throw startError(this.name, undefined, signal)
    await this.#start(signal)
    this.history.restarted('restart', length)
  }

  async #replace(sequential: boolean, signal: AbortSignal): Promise<void> {
    const { holders } = this.#pool
    // A singleton has at most one process, also for a moment.
    if (!sequential && !this.options.singleton) await this.#replaced(this.#roster.replaceAtOnce(signal), signal)
    else {
      await this.#replaced(this.#roster.replaceOneByOne(holders, signal), signal)
      await this.#roster.adjust(signal)
    }
    this.history.restarted('reload', holders.length)
  }

  /** See to what came of replacing processes. */
  async #replaced(replacing: Promise<void>, signal: AbortSignal): Promise<void> {
    try {
      await replacing
    } catch (error) {
      if (!signal.aborted) {
        const lines = error instanceof KernelError ? error.lines : []
        this.#publish('reload_failed', { reason: reasonOf(error), lines })
      }
      throw error
    }
    // The new ones may have ended, not to be replaced, while the last of the old ones took its time.
    if (this.options.numprocesses > 0) this.#stopIfEmpty()
  }

  async #reconfigure(config: WatcherConfig, { effect, changed }: WatcherChange): Promise<void> {
    this.#config = config
    if (changed.length === 0) return
    if (effect === 'replace') this.#generation++
    if (changed.some((name) => name.startsWith('max_age'))) this.#pool.rearmExpiries()
    this.output.follow(changed)
    this.#context.hooks.watcherUpdated.call(this, changed)
    this.#publish('updated')
    if (effect === 'none' && !this.#demand.armed) return
    await this.#queue.run(async (signal) => {
      // What it waits for may be another socket now, or nothing any more.
      if (this.#demand.armed) return this.#start(signal)
      if (this.#status !== 'active') return
      await this.#roster.adjust(signal)
      const outdated = this.#pool.holders.filter((process) => process.generation !== this.#generation)
      if (outdated.length === 0) return
      await this.#replaced(this.#roster.replaceOneByOne(outdated, signal), signal)
      this.history.restarted('updated', outdated.length)
    })
  }

  /** It cannot go on, and is stopped: no process can be spawned. */
  #giveUp(error: Error): void {
    if (error instanceof KernelError && error.code === 'ERR_START_ABORTED') return
    void this.#queue.run(async () => {
      await this.#stop(error.message)
      this.#note(error)
    })
  }

  #stopIfEmpty(): void {
    void this.#queue.run(async () => {
      if (this.#status !== 'active' || this.processes.length > 0 || this.#pool.vacant > 0) return
      await this.#stop()
      this.#awaitNextDemand(this.#demand.pauseAfter(this))
    })
  }

  #work(work: (signal: AbortSignal) => Promise<void>): Promise<Changes> {
    return this.#queue.run(async (signal) => {
      if (this.#removal !== 'none') throw new KernelError('ERR_WATCHER_REMOVED', [this.name])
      if (signal.aborted) throw startError(this.name, undefined, signal)
      const before = new Set(this.pids)
      await work(signal)
      const after = new Set(this.pids)
      return {
        started: [...after.difference(before)],
        kept: [...before.intersection(after)],
        stopped: [...before.difference(after)],
      }
    })
  }

  /** Keep why it is stopped, for `status`, and log it. */
  #note<E extends Error>(error: E): E {
    this.reason = error.message
    this.#context.log.error(error.message)
    return error
  }

  #publish(event: string, payload: Readonly<Record<string, unknown>> = {}): void {
    this.#context.events.publish(this.name, event, payload)
  }
}

const nothingToWaitFor = 'on_demand needs a socket of the daemon that all its processes share (use_sockets)'

/** Pids for the log, unless they are many. */
function describePids(pids: readonly number[]): string {
  return pids.length > 10 ? `${pids.length} processes` : `pids ${pids.join(', ') || 'none'}`
}
