import type { WatcherOptions } from './config/index.ts'
import { KernelError, reasonOf } from './errors.ts'
import type { EventBus } from './events.ts'
import { Expiries, LONGEST_TIMER_MS } from './expiries.ts'
import type { Hooks } from './hooks.ts'
import type { Log } from './log.ts'
import { lastWords, lastWordsText } from './output/last-words.ts'
import type { OutputPiece } from './output/stream.ts'
import type { StreamClasses } from './output/stream-classes.ts'
import { WatcherOutput } from './output/watcher-output.ts'
import type { PipeSink } from './posix/pipes.ts'
import { describeExit, type Exit, Process, type ProcessListener, type ProcessState } from './process.ts'
import { maskSecrets } from './secrets.ts'
import { Signaller } from './signaller.ts'
import type { Sockets } from './sockets/sockets.ts'
import { spawnSpec } from './spawn-spec.ts'
import { killTrees } from './termination.ts'
import { pauseIfLate } from './time-slices.ts'
import { pauseAfter, shortLivesAfter, Vacancies, type Vacancy, vacantAt } from './vacancies.ts'
import type { Watcher } from './watcher.ts'

/** Of a process that fails sooner, in milliseconds, the log has the last lines. */
const EARLY_MS = 1000

/** What a watcher and its processes need of the arbiter. */
export interface WatcherContext {
  readonly hooks: Hooks
  readonly events: EventBus
  readonly log: Log
  readonly sockets: Sockets
  readonly streams: StreamClasses
  /** A piece of what a process wrote, and how many bytes that process had written with it. */
  onOutput(piece: OutputPiece, sequence: number): void
}

/** What a place waits out before it is filled again. */
export interface Pause {
  /** Unix seconds. */
  readonly until: number
  /** How long it is as a whole. */
  readonly seconds: number
}

/** What the pool tells its watcher. */
export interface PoolListener {
  /** No process can be spawned, and nobody waits for one. */
  onGiveUp(error: Error): void
  /** The last process died, and none is to be replaced. */
  onEmpty(): void
}

/**
 * The processes of one watcher, as they come and go. A death is handled as it happens: the place of the process becomes a
 * vacancy; and vacancies are filled, each when its pause is over, while the pool is open.
 */
export class ProcessPool implements ProcessListener {
  readonly signaller: Signaller
  readonly output: WatcherOutput
  readonly #watcher: Watcher
  readonly #context: WatcherContext
  readonly #listener: PoolListener
  readonly #log: Log
  readonly #processes = new Map<number, Process>()
  readonly #expiries = new Expiries((process) => this.#expire(process))
  readonly #vacancies = new Vacancies()
  /** Ends that are being handled: a `beforeReap` hook may take its time. */
  readonly #reaps = new Set<Promise<void>>()
  /** Counts up whenever it is closed: what a hook held up since before that is of no use any more. */
  #closures = 0
  #open = false
  #filling = false
  #fillTimer: NodeJS.Timeout | undefined
  #lastSpawn = Number.NEGATIVE_INFINITY

  constructor(watcher: Watcher, context: WatcherContext, listener: PoolListener, log: Log) {
    this.#watcher = watcher
    this.#context = context
    this.#listener = listener
    this.#log = log
    this.signaller = new Signaller(watcher, context, log)
    this.output = new WatcherOutput(watcher, context, log)
  }

  /** The processes that live, in the order they were started. */
  get processes(): Process[] {
    return [...this.#processes.values()]
  }

  get pids(): number[] {
    return [...this.#processes.keys()]
  }

  /** Those that hold a place, the oldest first. */
  get holders(): Process[] {
    return this.processes.filter((process) => process.holdsPlace)
  }

  /** Places that wait for a process. */
  get vacant(): number {
    return this.#vacancies.size
  }

  /** The pause under way that ends first. */
  get pause(): Pause | null {
    const next = this.#vacancies.peek()
    const leftMs = next ? next.dueAt - performance.now() : 0
    if (!next || leftMs <= 0 || !Number.isFinite(leftMs)) return null
    return { until: (Date.now() + leftMs) / 1000, seconds: next.pauseMs / 1000 }
  }

  /** The process of that pid. Throws `ERR_PROCESS_UNKNOWN`. */
  process(pid: number): Process {
    const found = this.#processes.get(pid)
    if (!found) throw new KernelError('ERR_PROCESS_UNKNOWN', [pid, this.#watcher.name])
    return found
  }

  /** From now on vacancies are filled. */
  open(): void {
    this.#open = true
  }

  /** From now on nothing is spawned, and all vacancies are gone; whoever waits for one gets `ERR_START_ABORTED`. */
  close(by: string): void {
    this.#open = false
    this.#filling = false
    this.#closures++
    clearTimeout(this.#fillTimer)
    this.#vacancies.clear(new KernelError('ERR_START_ABORTED', [this.#watcher.name, by]))
  }

  /**
   * Add so many places. Resolves to who filled them, dead by now or not; rejects with what kept one from it, after
   * `max_retry` attempts, or with `ERR_VETOED`.
   */
  hire(count: number): Promise<readonly Process[]> {
    const { done } = this.#vacancies.open(Math.max(count, 0))
    void this.fill()
    return done
  }

  /** Give up vacancies, those due last first; all of them unless `count` is given. */
  dropVacancies(count = this.#vacancies.size): void {
    this.#vacancies.drop(count)
  }

  /** Fill every vacancy that is due, and come back for the others. */
  async fill(): Promise<void> {
    if (this.#filling) return
    this.#filling = true
    const closures = this.#closures
    clearTimeout(this.#fillTimer)
    try {
      for (;;) {
        const pause = pauseIfLate()
        if (pause) await pause
        const next = this.#isStill(closures) ? this.#vacancies.peek() : undefined
        if (!next) return
        const warmUpMs = this.#options.warmup_delay * 1000
        const waitMs = Math.max(next.dueAt, this.#lastSpawn + warmUpMs) - performance.now()
        if (waitMs === Number.POSITIVE_INFINITY) return
        if (waitMs > 0) {
          this.#fillTimer = setTimeout(() => void this.fill(), Math.min(Math.ceil(waitMs), LONGEST_TIMER_MS))
          return
        }
        await this.#occupy(next)
      }
    } finally {
      if (closures === this.#closures) this.#filling = false
    }
  }

  /** Take processes out of their places and stop them, all at once. Resolves when their ends were published. */
  async dismiss(processes: readonly Process[]): Promise<void> {
    for (const process of processes) process.retire()
    const ends: Promise<void>[] = []
    for (const process of processes) {
      const pause = pauseIfLate()
      if (pause) await pause
      const end = this.signaller.stop(process)
      end.catch(() => {}) // is told below, once all were asked
      ends.push(end)
    }
    await Promise.all(ends)
    await Promise.all(this.#reaps)
  }

  /** SIGKILL all of them and their descendants, now. */
  killNow(): void {
    this.close('kill')
    killTrees(this.processes)
  }

  /** Let go of the processes without touching them: they live on, and nobody watches them. */
  release(): void {
    this.close('rm')
    for (const process of this.#processes.values()) {
      process.release()
      this.#expiries.forget(process)
    }
    this.#processes.clear()
  }

  /** `max_age` has changed. */
  rearmExpiries(): void {
    for (const process of this.#processes.values()) this.#expiries.arm(process, this.#options)
  }

  /** For `Process`. */
  sink(process: Process, stream: 'stdout' | 'stderr'): PipeSink {
    return this.output.sink(process, stream)
  }

  /** For `Process`. */
  onExit(process: Process, exit: Exit, last: ProcessState): void {
    this.#expiries.forget(process)
    this.output.exited(process)
    if (!this.#processes.delete(process.pid)) return
    const unasked = last === 'running' && this.#open
    const words = unasked ? lastWords(this.output.source(process.pid)) : []
    // Vacant from now on, but not to be filled before its end was published.
    const place = last !== 'retired' && this.#open && this.#replaces ? unfillable() : undefined
    if (place) this.#vacancies.add(place)
    const reap = this.#reap(process, exit, last, place, words)
    this.#reaps.add(reap)
    void reap.finally(() => this.#reaps.delete(reap))
  }

  /** It is too old. */
  #expire(process: Process): void {
    if (this.#replaces) this.#watcher.history.restarted('max_age')
    void this.signaller.stop(process)
  }

  /** Whether it is open, and was not closed since. */
  #isStill(closures: number): boolean {
    return this.#open && this.#closures === closures
  }

  /** Whether a process that died is replaced. One that was started on demand is, by the next demand. */
  get #replaces(): boolean {
    const { respawn, on_demand } = this.#options
    return respawn && !on_demand
  }

  get #options(): WatcherOptions {
    return this.#watcher.options
  }

  async #occupy(vacancy: Vacancy): Promise<void> {
    try {
      const process = await this.#spawn(vacancy)
      if (process) vacancy.batch?.filled(process)
    } catch (error) {
      if (this.#vacancies.has(vacancy)) this.#retry(vacancy, error as Error)
    }
  }

  /** `null`: the place is not wanted any more. It is vacant until there is a process in it. */
  async #spawn(vacancy: Vacancy): Promise<Process | null> {
    const { hooks, sockets } = this.#context
    const { name, generation } = this.#watcher
    const closures = this.#closures
    const wid = this.#freeWid()
    using loan = sockets.lend(this.#options)
    const spec = spawnSpec(this.#options, { watcher: name, wid, generation, sockets: loan })
    if (hooks.beforeSpawn.isUsed()) {
      if ((await hooks.beforeSpawn.promise(spec, this.#watcher)) === false) {
        throw new KernelError('ERR_VETOED', [name, 'a process', 'before_spawn'])
      }
      if (!this.#vacancies.has(vacancy)) return null
    }
    this.#lastSpawn = performance.now()
    const process = Process.spawn(spec, this, vacancy.shortLives)
    this.#vacancies.remove(vacancy)
    this.#processes.set(process.pid, process)
    if (vacancy.isRestart) this.#watcher.history.restarted('died')
    this.#expiries.arm(process, this.#options)
    this.#publish('spawn', { process_pid: process.pid })
    this.#log.debug(`process ${process.pid} (wid ${wid}) started: ${maskSecrets(spec.argv.join(' '))}`)
    if (hooks.afterSpawn.isUsed() && (await hooks.afterSpawn.promise(process, this.#watcher)) === false) {
      await this.dismiss([process])
      if (this.#isStill(closures)) this.#vacancies.add(vacancy)
      throw new KernelError('ERR_VETOED', [name, `process ${process.pid}`, 'after_spawn'])
    }
    return process
  }

  /** A vacancy could not be filled: try again later, or give up. */
  #retry(vacancy: Vacancy, error: Error): void {
    const { batch } = vacancy
    const tries = vacancy.tries + 1
    const { max_retry } = this.#options
    const vetoed = error instanceof KernelError && error.code === 'ERR_VETOED'
    if (!vetoed && (max_retry === -1 || tries < max_retry)) {
      const pauseMs = pauseAfter(tries, 0, this.#pauses)
      this.#context.log.warning(`${reasonOf(error)}; attempt ${tries}, the next in ${pauseMs / 1000} s`)
      this.#vacancies.replace(vacancy, { ...vacancy, tries, pauseMs, dueAt: performance.now() + pauseMs })
    } else if (batch) {
      this.#vacancies.fail(batch, error)
    } else {
      this.#vacancies.remove(vacancy)
      this.#listener.onGiveUp(error)
    }
  }

  /** @param words What it wrote last. */
  async #reap(
    process: Process,
    exit: Exit,
    last: ProcessState,
    place: Vacancy | undefined,
    words: readonly string[],
  ): Promise<void> {
    const { beforeReap, afterReap } = this.#context.hooks
    if (beforeReap.isUsed()) await beforeReap.promise(process, this.#watcher)
    this.#publish('reap', { process_pid: process.pid, exit_code: exit.exitCode })
    if (afterReap.isUsed()) void afterReap.promise(exit, process, this.#watcher)
    const unasked = last === 'running' && this.#open
    this.#watcher.history.ended(process, exit, !unasked, unasked ? words : [])
    const early = unasked && exit.exitCode !== 0 && exit.at - process.startedAt < EARLY_MS ? lastWordsText(words) : ''
    this.#log[unasked ? 'info' : 'debug'](
      `process ${process.pid} (wid ${process.wid}) ${describeExit(exit)} after ${process.age.toFixed(1)} s${early}`,
    )
    if (place) this.#succeed(place, process, exit, last === 'stopping')
    else if (this.#open && last !== 'retired' && this.#processes.size === 0 && this.#vacancies.size === 0) {
      this.#listener.onEmpty()
    }
  }

  /** See to the successor of a process that died. `asked`: it was told to. */
  #succeed(place: Vacancy, process: Process, exit: Exit, asked: boolean): void {
    if (!this.#vacancies.has(place)) return
    const livedMs = exit.at - process.startedAt
    const shortLives = asked ? 0 : shortLivesAfter(process.shortLives, livedMs, this.#watcher.shortLifeMs)
    const pauseMs = asked ? 0 : pauseAfter(shortLives, livedMs, this.#pauses)
    if (pauseMs > 0) this.#log.info(`short lives in a row: ${shortLives}; its successor comes in ${pauseMs / 1000} s`)
    this.#vacancies.replace(place, {
      ...place,
      pauseMs,
      shortLives,
      isRestart: !asked,
      dueAt: performance.now() + pauseMs,
    })
    void this.fill()
  }

  get #pauses() {
    const { respawn_delay, respawn_delay_max } = this.#options
    return { firstMs: respawn_delay * 1000, longestMs: respawn_delay_max * 1000, shortMs: this.#watcher.shortLifeMs }
  }

  #freeWid(): number {
    const taken = new Set(this.processes.map(({ wid }) => wid))
    let wid = 1
    while (taken.has(wid)) wid++
    return wid
  }

  #publish(event: string, payload: Record<string, unknown>): void {
    this.#context.events.publish(this.#watcher.name, event, payload)
  }
}

/** A place that nobody may take yet. */
const unfillable = (): Vacancy => vacantAt(Number.POSITIVE_INFINITY)
