import { host, type Occurrence } from './occurrence.ts'

/** What somebody is told, by the names that JSON has. */
export interface Message {
  readonly watcher: string
  readonly event: string
  /** Unix seconds. */
  readonly time: number
  readonly host: string
  readonly summary: string
  readonly reason: string
  readonly pid: number | null
  readonly exit_code: number | null
  readonly signal: string | null
  /** What was written last. */
  readonly lines: readonly string[]
  /** How many occurrences it tells of. */
  readonly count: number
}

/** Of one occurrence. `event`: as what it was asked for. */
export function messageOf(occurrence: Occurrence, event: string, lines: readonly string[]): Message {
  const { watcher, time, summary, reason, pid = null, exitCode = null, signal = null } = occurrence
  return { watcher, event, time, host, summary, reason, pid, exit_code: exitCode, signal, lines, count: 1 }
}

/** So many kinds are told apart, and so many of them named. */
const MOST_KEPT = 200
const MOST_NAMED = 10

/** Counts what nobody is told of one by one, for one message of all. */
export class Leftover {
  readonly #counts = new Map<string, number>()
  readonly #watchers = new Set<string>()
  #since = 0
  #count = 0

  get isEmpty(): boolean {
    return this.#count === 0
  }

  add({ watcher, time }: Occurrence, event: string): void {
    if (this.#count++ === 0) this.#since = time
    const name = `${watcher} ${event}`
    const key = this.#counts.has(name) || this.#counts.size < MOST_KEPT ? name : 'others'
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1)
    if (this.#watchers.size < 2) this.#watchers.add(watcher)
  }

  /** Take all of them out, as one message. */
  take(): Message {
    const most = [...this.#counts].sort(([, a], [, b]) => b - a)
    const named = most.slice(0, MOST_NAMED).map(([name, count]) => `${name}: ${count}`)
    const rest = most.length > MOST_NAMED ? `, and ${most.length - MOST_NAMED} more kinds` : ''
    const [watcher = ''] = this.#watchers
    const message: Message = {
      watcher: this.#watchers.size === 1 ? watcher : 'several watchers',
      event: 'more',
      time: Date.now() / 1000,
      host,
      summary: `${this.#count} more since ${new Date(this.#since * 1000).toISOString()}: ${named.join(', ')}${rest}`,
      reason: 'too many for one message each',
      pid: null,
      exit_code: null,
      signal: null,
      lines: [],
      count: this.#count,
    }
    this.#counts.clear()
    this.#watchers.clear()
    this.#count = 0
    return message
  }
}
