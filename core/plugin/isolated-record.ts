import type { PastFailure, PluginFailure } from './scope.ts'

/** What an isolated plugin tells its daemon: when it is at work, every few seconds, and of each failure. */
export interface PluginReport {
  /** The process that tells it. */
  readonly pid: number
  /** Its setup is done. */
  readonly atWork: boolean
  readonly failures: number
  /** Milliseconds its functions have kept its event loop. */
  readonly busyMs: number
  /** Lines it wanted to log, and which were too many. */
  readonly droppedLines: number
  readonly failure?: PluginFailure
}

/** How often an isolated plugin reports when there is nothing to tell, in milliseconds. */
export const REPORT_MS = 5000

/** What is known of a plugin in processes of its own, one after another. */
export class IsolatedRecord {
  /** What its process told last. */
  report: PluginReport | undefined
  lastFailure: PastFailure | undefined
  /** When its process told something last (`performance.now()`). */
  heardAt = Number.NEGATIVE_INFINITY
  #before = { failures: 0, busyMs: 0, droppedLines: 0 }

  get failures(): number {
    return this.#before.failures + (this.report?.failures ?? 0)
  }

  get busyMs(): number {
    return this.#before.busyMs + (this.report?.busyMs ?? 0)
  }

  get droppedLines(): number {
    return this.#before.droppedLines + (this.report?.droppedLines ?? 0)
  }

  heard(report: PluginReport): void {
    if (this.report && this.report.pid !== report.pid) {
      this.#before = { failures: this.failures, busyMs: this.busyMs, droppedLines: this.droppedLines }
    }
    this.report = report
    this.heardAt = performance.now()
    if (report.failure) this.#note(report.failure)
  }

  /** The daemon has seen a failure of its process. */
  failed(what: string, error: string): PluginFailure {
    this.#before.failures++
    const failure = { what, error, failures: this.failures }
    this.#note(failure)
    return failure
  }

  #note({ what, error }: PluginFailure): void {
    this.lastFailure = { what, error, time: Date.now() / 1000 }
  }
}
