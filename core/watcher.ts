import { stderr, stdout } from 'node:process'
import { setImmediate as nextTurn } from 'node:timers/promises'
import {
  changeOptions,
  compareWatchers,
  type SetEffect,
  type WatcherConfig,
  type WatcherOptions,
} from './config/index.ts'
import { KernelError, reasonOf } from './errors.ts'
import type { EventBus } from './events.ts'
import type { Hooks } from './hooks.ts'
import type { Log } from './log.ts'
import { SIGHUP, SIGKILL, signalName } from './posix/signals.ts'
import { describeExit, type Exit, Process, type ProcessState } from './process.ts'
import { spawnSpec } from './spawn-spec.ts'
import { killTree, terminate } from './termination.ts'
import { pauseAfter, shortLivesAfter, Vacancies, type Vacancy } from './vacancies.ts'
import { type Interruption, WorkQueue } from './work-queue.ts'

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

/** What a watcher needs of the arbiter that has it. */
export interface WatcherContext {
  readonly hooks: Hooks
  readonly events: EventBus
  readonly log: Log
}

/** So many processes are spawned in a row before the event loop gets its turn. */
const SPAWNS_IN_A_ROW = 16

/**
 * One command as N processes.
 *
 * What is asked of it is done one after another, by a queue of its own. Deaths are handled as they happen, whatever is
 * being done: the place of the process becomes a vacancy, and vacancies are filled, each when its pause is over, as long
 * as the watcher is `starting` or `active`.
 */
export class Watcher {
  readonly name: string
  /** Why it is stopped although nobody stopped it; `null` otherwise. */
  reason: string | null = null
  #config: WatcherConfig
  #status: WatcherStatus = 'stopped'
  /** Counts up whenever an option changes that shapes processes. */
  #generation = 0
  /** The `numprocesses` that places and vacancies add up to (less those that died and are not to be replaced). */
  #places = 0
  #filling = false
  #fillTimer: NodeJS.Timeout | undefined
  #lastSpawn = Number.NEGATIVE_INFINITY
  readonly #processes = new Map<number, Process>()
  readonly #expiries = new Map<Process, NodeJS.Timeout>()
  readonly #vacancies = new Vacancies()
  readonly #queue = new WorkQueue()
  readonly #context: WatcherContext
  readonly #log: Log

  constructor(config: WatcherConfig, context: WatcherContext) {
    this.name = config.name
    this.#config = config
    this.#context = context
    this.#log = context.log.child(config.name)
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

  /** The processes that live, in the order they were started. */
  get processes(): Process[] {
    return [...this.#processes.values()]
  }

  get pids(): number[] {
    return [...this.#processes.keys()]
  }

  /** The process of that pid. Throws `ERR_PROCESS_UNKNOWN`. */
  process(pid: number): Process {
    const found = this.#processes.get(pid)
    if (!found) throw new KernelError('ERR_PROCESS_UNKNOWN', [pid, this.name])
    return found
  }

  /**
   * Start it, unless it runs. Resolves when every process was spawned.
   * Rejects with `ERR_VETOED`, `ERR_START_FAILED` or `ERR_START_ABORTED`; it is stopped then.
   */
  start(): Promise<Changes> {
    return this.#work((signal) => this.#start(signal))
  }

  /** Stop it, and cut short whatever waits before. `by` is told to those who wait. Resolves when no process is left. */
  async stop(by = 'stop'): Promise<void> {
    this.#queue.interrupt(by)
    await this.#queue.run(() => this.#stop())
  }

  /** Stop it, then start it. Rejects like `start`. */
  restart(): Promise<Changes> {
    return this.#work((signal) => this.#restart(signal))
  }

  /**
   * Replace its processes: all at once, the old ones being stopped when all new ones run; or, `sequential`, one by one,
   * the old one first. With `send_hup` they get SIGHUP instead. Not `graceful`: restart.
   * Rejects with `ERR_START_FAILED` when new processes cannot be spawned; the old ones then stay.
   */
  reload({ graceful = true, sequential = false } = {}): Promise<Changes> {
    return this.#work(async (signal) => {
      if (!graceful) return this.#restart(signal)
      if (this.#status !== 'active') return
      if (this.options.send_hup) await this.#signalAll(SIGHUP)
      // A singleton has at most one process, also for a moment.
      else if (sequential || this.options.singleton) await this.#replaceOneByOne(this.#holders(), signal)
      else await this.#replaceAtOnce(signal)
      this.#publish('reload')
      this.#log.info('reloaded')
    })
  }

  /** Change `numprocesses`; below 0 counts as 0. Throws `ERR_SINGLETON`. `done` settles when they run or are gone. */
  resize(numprocesses: number): { readonly numprocesses: number; readonly done: Promise<void> } {
    const wanted = Math.max(numprocesses, 0)
    if (this.options.singleton && wanted > 1) throw new KernelError('ERR_SINGLETON', [this.name])
    const done = this.set({ numprocesses: wanted })
    return { numprocesses: wanted, done }
  }

  /**
   * Change options. They are checked whole and in force at once; returns when processes have followed: replaced one by
   * one, or more or fewer of them. Throws (at once) `ERR_OPTION_UNKNOWN`, `ERR_OPTION_INVALID`.
   */
  set(changes: Readonly<Record<string, unknown>>): Promise<void> {
    return this.#reconfigure(changeOptions(this.#config, changes))
  }

  /** Take over another configuration of the same watcher, touching only what differs. */
  async update(config: WatcherConfig): Promise<void> {
    const { effect, changed } = compareWatchers(this.#config, config)
    if (changed.length > 0) await this.#reconfigure({ config, effect, changed })
    else this.#config = config
  }

  /** Send a signal to one of its processes, through the hooks. `false`: kept back by a hook, or there is nobody left. */
  async signal(process: Process, signum: number): Promise<boolean> {
    const { beforeSignal, afterSignal } = this.#context.hooks
    const request = { pid: process.pid, signum }
    let allowed = true
    if (beforeSignal.isUsed()) {
      const answer = beforeSignal.promise(request, this)
      // Nothing keeps SIGKILL back, not even for the time a hook takes.
      if (signum !== SIGKILL) allowed = (await answer) !== false
    }
    if (!allowed) this.#log.info(`${signalName(signum)} to process ${process.pid} was kept back by a hook`)
    const sent = allowed && process.signal(signum)
    if (afterSignal.isUsed()) void afterSignal.promise(request, this)
    return sent
  }

  /** Stop one process: a signal, and SIGKILL after the grace time. A successor takes its place as usual. */
  async kill(process: Process, { signum = this.options.stop_signal, graceMs = this.#graceMs } = {}): Promise<void> {
    await terminate(process, {
      signum,
      graceMs,
      children: this.options.stop_children,
      log: this.#log,
      send: (target, number) => this.#sendToStop(target, number),
    })
  }

  /** SIGKILL everything, now, and start nothing any more. */
  killNow(): void {
    this.#halt('kill')
    for (const process of this.#processes.values()) killTree(process)
  }

  /** Let go of the processes without touching them: they live on, and nobody watches them. */
  async release(): Promise<void> {
    this.#queue.interrupt('rm')
    await this.#queue.run(async () => {
      this.#halt('rm')
      for (const process of this.#processes.values()) {
        process.retire()
        this.#forgetExpiry(process)
      }
      this.#processes.clear()
      this.#status = 'stopped'
    })
  }

  /** Look after places that should be filled by now: what the daemon's tick does. */
  reconcile(): void {
    void this.#fill()
  }

  // --- the work itself; each runs in the queue ---

  async #start(signal: AbortSignal): Promise<void> {
    if (this.#status === 'active') return
    const { beforeStart, afterStart } = this.#context.hooks
    if (beforeStart.isUsed() && (await this.#orAbort(beforeStart.promise(this), signal)) === false) {
      throw this.#note(new KernelError('ERR_VETOED', [this.name, 'the start', 'before_start']))
    }
    this.#status = 'starting'
    this.reason = null
    try {
      this.#places = this.options.numprocesses
      await this.#open(this.#places, signal)
      if (afterStart.isUsed() && (await this.#orAbort(afterStart.promise(this), signal)) === false) {
        throw new KernelError('ERR_VETOED', [this.name, 'the start', 'after_start'])
      }
      signal.throwIfAborted()
    } catch (error) {
      await this.#stop()
      throw this.#note(this.#startError(error, signal))
    }
    this.#status = 'active'
    this.#publish('start')
    this.#log.info(`started, pids ${this.pids.join(', ') || 'none'}`)
  }

  async #stop(): Promise<void> {
    if (this.#status === 'stopped') return
    const { beforeStop, afterStop } = this.#context.hooks
    this.#halt('stop')
    if (beforeStop.isUsed()) await beforeStop.promise(this)
    await Promise.all(this.processes.map((process) => this.kill(process)))
    this.#status = 'stopped'
    this.#publish('stop')
    if (afterStop.isUsed()) await afterStop.promise(this)
    this.#log.info('stopped')
  }

  async #restart(signal: AbortSignal): Promise<void> {
    await this.#stop()
    if (signal.aborted) throw this.#startError(undefined, signal)
    await this.#start(signal)
  }

  async #replaceAtOnce(signal: AbortSignal): Promise<void> {
    const old = this.#holders()
    for (const process of old) process.retire()
    this.#vacancies.drop(this.#vacancies.size)
    try {
      await this.#open(this.options.numprocesses, signal)
      this.#places = this.options.numprocesses
    } catch (error) {
      const young = this.#holders()
      for (const process of young) process.retire()
      for (const process of old) process.reinstate()
      this.#vacancies.drop(this.#vacancies.size)
      this.#vacancies.open(this.#places - this.#holders().length)
      void this.#fill()
      await Promise.all(young.map((process) => this.kill(process)))
      throw this.#startError(error, signal)
    }
    await Promise.all(old.map((process) => this.kill(process)))
  }

  async #replaceOneByOne(old: Process[], signal: AbortSignal): Promise<void> {
    for (const process of old) {
      if (signal.aborted || this.#status !== 'active') return
      if (!process.holdsPlace) continue
      process.retire()
      await this.kill(process)
      await this.#open(1, signal).catch((error) => this.#giveUp(this.#startError(error, signal)))
    }
  }

  async #adjust(signal: AbortSignal): Promise<void> {
    if (this.#status !== 'active') return
    const more = this.options.numprocesses - this.#places
    this.#places = this.options.numprocesses
    if (more > 0) {
      await this.#open(more, signal).catch((error) => this.#giveUp(this.#startError(error, signal)))
    } else {
      this.#vacancies.drop(Math.min(-more, this.#vacancies.size))
      const surplus = this.#holders().slice(0, Math.max(this.#holders().length - this.#places, 0))
      for (const process of surplus) process.retire()
      await Promise.all(surplus.map((process) => this.kill(process)))
    }
  }

  // --- processes come and go ---

  /** Open places and wait until each has got its process. */
  async #open(count: number, signal: AbortSignal): Promise<void> {
    const batch = this.#vacancies.open(count)
    void this.#fill()
    await this.#orAbort(batch.done, signal)
  }

  /** Fill every vacancy that is due, and come back for the others. */
  async #fill(): Promise<void> {
    if (this.#filling) return
    this.#filling = true
    clearTimeout(this.#fillTimer)
    try {
      for (let spawned = 1; ; spawned++) {
        const next = this.#spawning ? this.#vacancies.peek() : undefined
        if (!next) return
        const waitMs = Math.max(next.dueAt, this.#lastSpawn + this.options.warmup_delay * 1000) - performance.now()
        if (waitMs > 0) {
          this.#fillTimer = setTimeout(() => void this.#fill(), Math.ceil(waitMs))
          return
        }
        this.#vacancies.take()
        await this.#occupy(next)
        if (spawned % SPAWNS_IN_A_ROW === 0) await nextTurn()
      }
    } finally {
      this.#filling = false
    }
  }

  async #occupy(vacancy: Vacancy): Promise<void> {
    try {
      const process = await this.#spawn(vacancy)
      if (process) vacancy.batch?.filled(process.pid)
      else vacancy.batch?.dropped()
    } catch (error) {
      const tries = vacancy.tries + 1
      const limit = this.options.max_retry
      const final = error instanceof KernelError && error.code === 'ERR_VETOED'
      if (!this.#spawning) vacancy.batch?.dropped()
      else if (!final && (limit === -1 || tries < limit)) {
        const pauseMs = pauseAfter(tries, 0, this.#pauses)
        this.#context.log.warning(`${reasonOf(error)}; attempt ${tries}, the next in ${pauseMs / 1000} s`)
        this.#vacancies.add({ ...vacancy, tries, dueAt: performance.now() + pauseMs })
      } else if (vacancy.batch) {
        vacancy.batch.failed(error as Error)
      } else {
        this.#giveUp(error as Error)
      }
    }
  }

  async #spawn({ shortLives }: Vacancy): Promise<Process | null> {
    const { hooks } = this.#context
    const spec = spawnSpec(this.options, {
      watcher: this.name,
      wid: this.#freeWid(),
      generation: this.#generation,
      piped: hooks.output.isUsed(),
    })
    if (hooks.beforeSpawn.isUsed()) {
      if ((await hooks.beforeSpawn.promise(spec, this)) === false) {
        throw new KernelError('ERR_VETOED', [this.name, 'a process', 'before_spawn'])
      }
      if (!this.#spawning) return null
    }
    this.#lastSpawn = performance.now()
    const process = Process.spawn(spec, this, shortLives)
    this.#processes.set(process.pid, process)
    this.#armExpiry(process)
    this.#publish('spawn', { process_pid: process.pid })
    this.#log.debug(`process ${process.pid} (wid ${process.wid}) started: ${spec.argv.join(' ')}`)
    if (hooks.afterSpawn.isUsed() && (await hooks.afterSpawn.promise(process, this)) === false) {
      process.retire()
      await this.kill(process)
      throw new KernelError('ERR_VETOED', [this.name, `process ${process.pid}`, 'after_spawn'])
    }
    return process
  }

  /** For `Process`. */
  onOutput(process: Process, stream: 'stdout' | 'stderr', data: Buffer): void {
    this.#context.hooks.output.call({ watcher: this, process, stream, data })
    // The daemon's own streams may keep what they cannot write at once.
    const own = stream === 'stdout' ? stdout : stderr
    own.write(Buffer.from(data))
  }

  /** For `Process`. */
  onExit(process: Process, exit: Exit, last: ProcessState): void {
    this.#forgetExpiry(process)
    if (!this.#processes.delete(process.pid)) return
    void this.#reap(process, exit, last)
  }

  async #reap(process: Process, exit: Exit, last: ProcessState): Promise<void> {
    const { beforeReap, afterReap } = this.#context.hooks
    if (beforeReap.isUsed()) await beforeReap.promise(process, this)
    this.#publish('reap', { process_pid: process.pid, exit_code: exit.exitCode })
    if (afterReap.isUsed()) void afterReap.promise(exit, process, this)
    const unasked = last === 'running' && this.#spawning
    this.#log[unasked ? 'info' : 'debug'](
      `process ${process.pid} (wid ${process.wid}) ${describeExit(exit)} after ${process.age.toFixed(1)} s`,
    )
    if (last !== 'retired' && this.#spawning) this.#succeed(process, exit, last === 'stopping')
  }

  /** See to the successor of a process that died. `asked`: it was told to. */
  #succeed(process: Process, exit: Exit, asked: boolean): void {
    if (!this.options.respawn) {
      void this.#queue.run(async () => {
        if (this.#processes.size === 0 && this.#vacancies.size === 0) await this.#stop()
      })
      return
    }
    const livedMs = exit.at - process.startedAt
    const shortLives = asked ? 0 : shortLivesAfter(process.shortLives, livedMs)
    const pauseMs = asked ? 0 : pauseAfter(shortLives, livedMs, this.#pauses)
    if (pauseMs > 0) this.#log.info(`short lives in a row: ${shortLives}; its successor comes in ${pauseMs / 1000} s`)
    this.#vacancies.add({ dueAt: performance.now() + pauseMs, shortLives, tries: 0, batch: undefined })
    void this.#fill()
  }

  /** It cannot go on: no process can be spawned. */
  #giveUp(error: Error): void {
    if (error instanceof KernelError && error.code === 'ERR_START_ABORTED') return
    this.#note(error)
    void this.#queue.run(async () => {
      await this.#stop()
      this.reason = error.message
    })
  }

  // --- small parts ---

  #work(work: (signal: AbortSignal) => Promise<void>): Promise<Changes> {
    return this.#queue.run(async (signal) => {
      if (signal.aborted) throw this.#startError(undefined, signal)
      const before = this.pids
      await work(signal)
      const after = new Set(this.pids)
      return {
        started: [...after].filter((pid) => !before.includes(pid)),
        kept: before.filter((pid) => after.has(pid)),
        stopped: before.filter((pid) => !after.has(pid)),
      }
    })
  }

  #reconfigure(change: { config: WatcherConfig; effect: SetEffect; changed: readonly string[] }): Promise<void> {
    const { config, effect, changed } = change
    this.#config = config
    if (effect === 'replace') this.#generation++
    if (changed.some((name) => name.startsWith('max_age')))
      for (const process of this.processes) this.#armExpiry(process)
    this.#context.hooks.watcherUpdated.call(this, changed)
    this.#publish('updated')
    if (effect === 'none' && !changed.includes('numprocesses')) return Promise.resolve()
    return this.#queue.run(async (signal) => {
      await this.#adjust(signal)
      const outdated = this.#holders().filter((process) => process.generation !== this.#generation)
      if (effect === 'replace') await this.#replaceOneByOne(outdated, signal)
    })
  }

  /** Fill no more vacancies. */
  #halt(by: string): void {
    if (this.#status !== 'stopped') this.#status = 'stopping'
    clearTimeout(this.#fillTimer)
    this.#vacancies.clear(new KernelError('ERR_START_ABORTED', [this.name, by]))
  }

  get #spawning(): boolean {
    return this.#status === 'starting' || this.#status === 'active'
  }

  #holders(): Process[] {
    return this.processes.filter((process) => process.holdsPlace)
  }

  #freeWid(): number {
    const taken = new Set(this.processes.map(({ wid }) => wid))
    let wid = 1
    while (taken.has(wid)) wid++
    return wid
  }

  get #graceMs(): number {
    return this.options.graceful_timeout * 1000
  }

  get #pauses() {
    return { firstMs: this.options.respawn_delay * 1000, longestMs: this.options.respawn_delay_max * 1000 }
  }

  async #signalAll(signum: number): Promise<void> {
    await Promise.all(this.#holders().map((process) => this.signal(process, signum)))
  }

  async #sendToStop(process: Process, signum: number): Promise<boolean> {
    try {
      const sent = await this.signal(process, signum)
      if (sent) this.#publish('kill', { process_pid: process.pid })
      return sent
    } catch (error) {
      this.#log.error(reasonOf(error))
      return false
    }
  }

  #armExpiry(process: Process): void {
    this.#forgetExpiry(process)
    const { max_age, max_age_variance } = this.options
    if (max_age <= 0) return
    const ageMs = (max_age + Math.random() * max_age_variance) * 1000
    const timer = setTimeout(
      () => void this.kill(process),
      Math.min(Math.max(ageMs - process.age * 1000, 0), 2 ** 31 - 1),
    )
    this.#expiries.set(process, timer.unref())
  }

  #forgetExpiry(process: Process): void {
    clearTimeout(this.#expiries.get(process))
    this.#expiries.delete(process)
  }

  async #orAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
    const { promise: aborted, reject } = Promise.withResolvers<never>()
    const abort = () => reject(this.#startError(undefined, signal))
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort)
    try {
      return await Promise.race([promise, aborted])
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  #startError(error: unknown, signal: AbortSignal): KernelError {
    if (signal.aborted) return new KernelError('ERR_START_ABORTED', [this.name, (signal.reason as Interruption).by])
    if (error instanceof KernelError && (error.code === 'ERR_VETOED' || error.code === 'ERR_START_ABORTED'))
      return error
    return new KernelError('ERR_START_FAILED', [this.name, reasonOf(error)], { cause: error })
  }

  /** Keep why it is stopped, for `status`, and log it. */
  #note<E extends Error>(error: E): E {
    this.reason = error.message
    this.#context.log.error(error.message)
    return error
  }

  #publish(event: string, payload?: Record<string, unknown>): void {
    this.#context.events.publish(this.name, event, payload)
  }
}
