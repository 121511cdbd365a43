import type { Command, Manager } from '../managers/manager.ts'

/** What a manager is to run, and where. */
export interface LogJob {
  /** Everything the manager writes goes there. */
  readonly dir: string
  /** Run so many of them. */
  readonly count: number
  readonly argv: readonly [program: string, ...args: string[]]
  /** Whether a file is rotated at 10 MB, and three old ones are kept; otherwise it grows. */
  readonly rotates: boolean
}

/** How to drive a configured manager. */
export interface LogSetup {
  /** The manager itself, in the foreground, or with `pidFile` a command that leaves it running in the background. */
  readonly start: Command
  readonly pidFile?: string
  readonly stop: Command | NodeJS.Signals
  /** The files that are there now: those that belong together in one list, the oldest first. */
  files(): string[][]
}

/** One way to bring what processes write into files. */
export interface LogSubject extends Pick<Manager, 'name' | 'prepare'> {
  configure(job: LogJob): LogSetup
}

export const MAX_BYTES = 10_000_000
export const KEPT_FILES = 3
