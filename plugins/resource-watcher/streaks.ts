import type { Finding, Kind } from './findings.ts'

/** What was passed too often in a row, and how often. */
export interface Passed {
  readonly finding: Finding
  readonly times: number
  /** It was passed too often before, and at each look since. */
  readonly again: boolean
}

interface Streak {
  readonly times: number
  readonly told: boolean
}

/** For one watcher: how many looks in a row each limit was passed, by each of those that are looked at. */
export class Streaks {
  #streaks = new Map<string, ReadonlyMap<Kind, Streak>>()
  #next = new Map<string, ReadonlyMap<Kind, Streak>>()

  /** Count what a look at `subject` found. What was found more than `most` times in a row is returned, and all counted anew. */
  count(subject: string, findings: readonly Finding[], most: number): Passed | undefined {
    const before = this.#streaks.get(subject)
    const streaks = findings.map((finding) => {
      const { times = 0, told = false } = before?.get(finding.kind) ?? {}
      return { finding, times: times + 1, told }
    })
    const passed = streaks.find(({ times }) => times > most)
    const kept = streaks.map(({ finding, times, told }): [Kind, Streak] => [
      finding.kind,
      passed ? { times: 0, told: told || finding === passed.finding } : { times, told },
    ])
    this.#next.set(subject, new Map(kept))
    return passed && { finding: passed.finding, times: passed.times, again: passed.told }
  }

  /** The look is over: whoever was not counted in it is forgotten. */
  turn(): void {
    this.#streaks = this.#next
    this.#next = new Map()
  }
}
