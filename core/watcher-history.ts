import { signalName } from './posix/signals.ts'
import type { Exit, Process } from './process.ts'

/** So many ends are kept for each watcher. */
const KEPT = 10

/** The end of one process, as `describe` tells it. Times are Unix seconds. */
export interface PastExit {
  readonly pid: number
  readonly wid: number
  readonly time: number
  /** Seconds it lived. */
  readonly age: number
  /** Exit status, or the negative number of the signal that ended it; `null` when nobody can tell. */
  readonly exit_code: number | null
  /** `SIGKILL`, or `null` when it was not a signal. */
  readonly signal: string | null
  /** It was stopped on purpose. */
  readonly expected: boolean
  /** The last lines it wrote, unless it was stopped on purpose. */
  readonly lines: readonly string[]
}

/**
 * Why a process took the place of another: it had `died` unasked; it was `max_age` old; somebody asked for `kill`, `restart` or
 * `reload`, or changed options (`updated`).
 */
const restartReasons = ['died', 'max_age', 'kill', 'restart', 'reload', 'updated'] as const

export type RestartReason = (typeof restartReasons)[number]

/** A restart or reload that a program made by itself. */
interface Renewal {
  /** Unix seconds. */
  readonly time: number
  readonly reason: string
}

/** What is remembered of a watcher: a little, for people who want to know what has happened. */
export class WatcherHistory {
  #started: number | null = null
  #renewal: Renewal | null = null
  readonly #restarts = new Map<RestartReason, number>(restartReasons.map((reason) => [reason, 0]))
  readonly #exits: PastExit[] = []
  /** Deaths that nobody asked for, by place. */
  readonly #deaths = new Map<number, number>()

  /** Unix seconds when it last became active. */
  get started(): number | null {
    return this.#started
  }

  /** Processes that took the place of one that had died unasked. */
  get restarts(): number {
    return this.#restarts.get('died')!
  }

  /** Processes that were replaced since the daemon began, by why. */
  get restartsBy(): Readonly<Record<RestartReason, number>> {
    return Object.fromEntries(this.#restarts) as Record<RestartReason, number>
  }

  /** The last restart or reload that came with a reason. */
  get renewal(): Renewal | null {
    return this.#renewal
  }

  /** The last ends, the newest first. */
  get exits(): readonly PastExit[] {
    return this.#exits
  }

  /** How many processes in the place `wid` have died unasked: the one that is in it now came after so many. */
  restartsOf(wid: number): number {
    return this.#deaths.get(wid) ?? 0
  }

  /** The watcher became active. */
  activated(): void {
    this.#started = Date.now() / 1000
  }

  /** The watcher is being restarted, or was reloaded, by a program that says why. */
  renewed(reason: string): void {
    this.#renewal = { time: Date.now() / 1000, reason }
  }

  /** So many processes took the places of others, or are about to. */
  restarted(reason: RestartReason, count = 1): void {
    this.#restarts.set(reason, this.#restarts.get(reason)! + count)
  }

  /** The last lines of the process that ended last; none if it was stopped on purpose. */
  get lastWords(): readonly string[] {
    return this.#exits[0]?.lines ?? []
  }

  /** A process ended. `lines`: what it wrote last. */
  ended(
    { pid, wid, startedAt }: Process,
    { at, exitCode, signum }: Exit,
    expected: boolean,
    lines: readonly string[],
  ): void {
    if (!expected) this.#deaths.set(wid, this.restartsOf(wid) + 1)
    const signal = signum === null ? null : signalName(signum)
    const age = Math.max(at - startedAt, 0) / 1000
    this.#exits.unshift({ pid, wid, time: at / 1000, age, exit_code: exitCode, signal, expected, lines })
    this.#exits.length = Math.min(this.#exits.length, KEPT)
  }
}
