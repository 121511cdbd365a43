import type { Finding, Kind } from './findings.ts'

/** For one watcher: how many looks in a row each limit was passed, by each of those that are looked at. */
export class Streaks {
  #counts = new Map<string, Map<Kind, number>>()
  #next = new Map<string, Map<Kind, number>>()

  /**
   * Count what a look at `subject` found. Returns what was found more than `most` times in a row, and how often; from
   * then on all of it is counted anew.
   */
  count(subject: string, findings: readonly Finding[], most: number): { finding: Finding; times: number } | undefined {
    const before = this.#counts.get(subject)
    const now = new Map(findings.map(({ kind }) => [kind, (before?.get(kind) ?? 0) + 1]))
    const finding = findings.find(({ kind }) => now.get(kind)! > most)
    if (!finding) {
      this.#next.set(subject, now)
      return undefined
    }
    return { finding, times: now.get(finding.kind)! }
  }

  /** The look is over: whoever was not counted in it is forgotten. */
  turn(): void {
    this.#counts = this.#next
    this.#next = new Map()
  }
}
