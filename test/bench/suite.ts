/** What the command line asks of a suite. */
export interface SuiteOptions {
  readonly rounds: number
  readonly processes: number
  /** Names of the managers to measure; empty for all. */
  readonly only: readonly string[]
  readonly idleSeconds: number
  /** How long a load lasts. @default as the suite likes */
  readonly loadSeconds: number | undefined
}

/** One group of figures, run by its name: `npm run bench -- NAME`. */
export interface Suite {
  readonly summary: string
  /** Prints its figures; what it returns is what `--json` writes. */
  run(options: SuiteOptions): Promise<unknown>
}
