import { execFileSync } from 'node:child_process'

/** A process manager under test. What it says about itself is never believed: every figure is counted from /proc. */
export interface Manager {
  readonly name: string
  /**
   * Builds, compiles or finds what is needed, once. Returns why the manager has to be left out, and how to get it;
   * nothing when it is ready. `cacheDir` outlives the run, `workDir` does not.
   */
  prepare(dirs: { readonly cacheDir: string; readonly workDir: string }): string | undefined
  /** Writes the configuration of a job into its folder. Not timed. */
  configure(job: Job): Setup
}

/** Keep `count` processes `sleep SECONDS` alive; everything the manager writes goes into `dir`. */
export interface Job {
  readonly dir: string
  readonly seconds: number
  readonly count: number
}

/** How to drive a configured manager, with its own means. */
export interface Setup {
  /** The manager itself, in the foreground, or with `pidFile` a command that leaves it running in the background. */
  readonly start: Command
  readonly pidFile?: string
  /** Its command line's overview of all processes; a manager may have none. */
  readonly status?: Command
  /** What tells it to stop everything and end: a command, or a signal to it. */
  readonly stop: Command | NodeJS.Signals
}

export interface Command {
  readonly argv: readonly [program: string, ...args: string[]]
  readonly env?: Readonly<Record<string, string>>
}

/** Why Debian's `packageName` is missing, for `prepare`; nothing when all its `programs` are on the PATH. */
export function missingPrograms(packageName: string, programs: readonly string[]): string | undefined {
  const missing = programs.filter((program) => !isOnPath(program))
  if (missing.length === 0) return undefined
  return `${missing.join(', ')} not found; to have it: apt-get install ${packageName}`
}

function isOnPath(program: string): boolean {
  try {
    execFileSync('/bin/sh', ['-c', 'command -v "$0"', program], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
