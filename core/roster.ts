import { setTimeout as sleep } from 'node:timers/promises'
import type { WatcherOptions } from './config/index.ts'
import { KernelError } from './errors.ts'
import { orAbort, startError } from './interruption.ts'
import { lastWords } from './output/last-words.ts'
import { describeExit, type Process } from './process.ts'
import type { ProcessPool } from './process-pool.ts'

/** What a roster needs of its watcher. */
export interface RosterOwner {
  readonly name: string
  readonly options: WatcherOptions
  /** Whether its processes share sockets, so that old and new ones can serve side by side. */
  readonly sharesSockets: boolean
}

/** New processes that share sockets with old ones have to live so long, in milliseconds, before the old ones are stopped. */
const PROBATION_MS = 1000

/** Which processes a watcher has: fills its places, changes their number, and replaces who is in them. */
export class Roster {
  readonly #owner: RosterOwner
  readonly #pool: ProcessPool
  readonly #giveUp: (error: Error) => void
  /** What `numprocesses` was when places were last added or taken away. */
  #places = 0

  /** @param giveUp Told when processes cannot be spawned any more, and nobody waits for them. */
  constructor(owner: RosterOwner, pool: ProcessPool, giveUp: (error: Error) => void) {
    this.#owner = owner
    this.#pool = pool
    this.#giveUp = giveUp
  }

  /** Fill every place of a watcher that has none. Resolves to who filled them; rejects with what kept one from it. */
  fill(signal: AbortSignal): Promise<readonly Process[]> {
    this.#places = this.#owner.options.numprocesses
    return this.#orAbort(this.#pool.hire(this.#places), signal)
  }

  /**
   * Replace all at once: the old ones are stopped when all new ones run, and with shared sockets have lived for a
   * second. Rejects with `ERR_START_FAILED` or `ERR_RELOAD_FAILED`; the old ones then stay.
   */
  async replaceAtOnce(signal: AbortSignal): Promise<void> {
    const old = this.#pool.holders
    for (const process of old) process.retire()
    this.#pool.dropVacancies()
    try {
      await this.#prove(await this.fill(signal), signal)
    } catch (error) {
      await this.#restore(old, this.#pool.holders)
      throw startError(this.#owner.name, error, signal)
    }
    await this.#pool.dismiss(old)
  }

  /**
   * Replace these one by one: with shared sockets the new one first, else the old one. Rejects with what keeps a new one
   * from running; those that were not replaced by then stay.
   */
  async replaceOneByOne(old: readonly Process[], signal: AbortSignal): Promise<void> {
    // A singleton has at most one process, also for a moment.
    const newFirst = this.#owner.sharesSockets && !this.#owner.options.singleton
    for (const process of old) {
      if (signal.aborted) return
      if (!process.holdsPlace) continue
      if (newFirst) await this.#supersede(process, signal)
      else await this.#succeed(process, signal)
    }
  }

  /** Follow a changed `numprocesses`. */
  async adjust(signal: AbortSignal): Promise<void> {
    const { numprocesses } = this.#owner.options
    const more = numprocesses - this.#places
    this.#places = numprocesses
    if (more > 0) return this.#add(more, signal)
    this.#pool.dropVacancies(Math.min(-more, this.#pool.vacant))
    const { holders } = this.#pool
    await this.#pool.dismiss(holders.slice(0, Math.max(holders.length - numprocesses, 0)))
  }

  /** Add places to an active watcher: it stops if they cannot be filled. */
  async #add(count: number, signal: AbortSignal): Promise<void> {
    try {
      await this.#orAbort(this.#pool.hire(count), signal)
    } catch (error) {
      const failure = startError(this.#owner.name, error, signal)
      this.#giveUp(failure)
      throw failure
    }
  }

  /** The new one first. */
  async #supersede(process: Process, signal: AbortSignal): Promise<void> {
    const others = new Set(this.#pool.holders)
    process.retire()
    try {
      await this.#prove(await this.#orAbort(this.#pool.hire(1), signal), signal)
    } catch (error) {
      await this.#restore(
        [process],
        this.#pool.holders.filter((holder) => !others.has(holder)),
      )
      throw startError(this.#owner.name, error, signal)
    }
    await this.#pool.dismiss([process])
  }

  /** The old one first. */
  async #succeed(process: Process, signal: AbortSignal): Promise<void> {
    await this.#pool.dismiss([process])
    try {
      await this.#orAbort(this.#pool.hire(1), signal)
    } catch (error) {
      // The others still run: better one too few than none. The next reload or change of the number makes up for it.
      this.#places--
      throw startError(this.#owner.name, error, signal)
    }
  }

  /** Nobody is given up for processes that end as soon as they run. Rejects with `ERR_RELOAD_FAILED`. */
  async #prove(young: readonly Process[], signal: AbortSignal): Promise<void> {
    if (!this.#owner.sharesSockets) return
    const proved = new AbortController()
    const ends = young.map(async (process) => {
      const why = `new process ${process.pid} ${describeExit(await process.exited)}`
      throw new KernelError('ERR_RELOAD_FAILED', [this.#owner.name, why], {
        lines: lastWords(this.#pool.output.source(process.pid)),
      })
    })
    const patience = sleep(PROBATION_MS, undefined, { signal: proved.signal }).catch(() => {})
    try {
      await this.#orAbort(Promise.race([patience, ...ends]), signal)
    } finally {
      proved.abort()
    }
  }

  /** Everything as it was before the new ones. */
  async #restore(old: readonly Process[], young: readonly Process[]): Promise<void> {
    for (const process of old) process.reinstate()
    // A new one that has died has left a vacancy: nobody is to come into it while the others are stopped.
    this.#pool.dropVacancies()
    await this.#pool.dismiss(young)
    this.#pool.dropVacancies()
    // Those of the old ones that died meanwhile were not replaced.
    this.#pool.hire(this.#places - this.#pool.holders.length).catch((error) => this.#giveUp(error))
  }

  #orAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
    return orAbort(this.#owner.name, promise, signal)
  }
}
