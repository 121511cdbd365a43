import type { ProcessInfo, SurveyedProcess, TreeTotals } from '../../core/plugin.ts'
import type { ListedProcess, WatcherNumbers } from './roster.ts'

/** What is published of one process: the original's fields, and more. */
export type ProcessMessage = ProcessInfo & Partial<Pick<ListedProcess, 'wid' | 'started' | 'restarts'>> & ProcessTopic

interface ProcessTopic {
  readonly subtopic: number
  /** What the daemon and its helpers are called; of all others `null`. */
  readonly name: string | null
}

type Sum = number | 'N/A'

/** What is published of a watcher: of all its processes together. `N/A` as soon as it is of one of them. */
export interface WatcherMessage extends WatcherNumbers {
  readonly pid: readonly number[]
  /** The average: the original's choice. The sum is `tree.cpu`, with what descends from the processes. */
  readonly cpu: Sum
  readonly mem: Sum
  /** The oldest. */
  readonly age: Sum
  readonly rss: Sum
  readonly fds: Sum
  readonly threads: Sum
  readonly read_bytes: Sum
  readonly write_bytes: Sum
  readonly tree: TreeTotals | 'N/A'
}

/** The message of one process. */
export function processMessage(
  seen: SurveyedProcess,
  { wid, started, restarts }: Partial<ListedProcess>,
  name: string | null,
): ProcessMessage {
  const told = wid === undefined ? {} : { wid, started, restarts }
  return Object.assign(seen.info(), told, { subtopic: seen.pid, name })
}

/** Adds up the messages of the processes of a watcher: none of them is kept, there may be thousands. */
export class WatcherTotals {
  readonly #pids: number[] = []
  readonly #sums = { cpu: 0, mem: 0, rss: 0, fds: 0, threads: 0, read_bytes: 0, write_bytes: 0 }
  readonly #tree = { cpu: 0, rss: 0, count: 0 }
  /** What is not known of one is not known of all. */
  readonly #unknown = new Set<keyof WatcherMessage>()
  #age: Sum = 'N/A'

  add(message: ProcessMessage): void {
    this.#pids.push(message.pid)
    for (const field of summed) {
      const value = message[field]
      if (value === 'N/A') this.#unknown.add(field)
      else this.#sums[field] += value
    }
    const { age, tree } = message
    if (age !== 'N/A') this.#age = Math.max(age, this.#age === 'N/A' ? 0 : this.#age)
    if (tree === undefined || tree === 'N/A') this.#unknown.add('tree')
    else {
      this.#tree.cpu += tree.cpu
      this.#tree.rss += tree.rss
      this.#tree.count += tree.count
    }
  }

  /** @param numbers Of the watcher. */
  message({ restarts, numprocesses }: WatcherNumbers): WatcherMessage {
    const { cpu, mem, rss, fds, threads, read_bytes, write_bytes } = this.#sums
    const known = <T>(field: keyof WatcherMessage, value: T) => (this.#unknown.has(field) ? ('N/A' as const) : value)
    return {
      pid: this.#pids,
      cpu: known('cpu', rounded(cpu / Math.max(this.#pids.length, 1), 10)),
      mem: known('mem', rounded(mem, 1000)),
      age: this.#age,
      rss: known('rss', rss),
      fds: known('fds', fds),
      threads: known('threads', threads),
      read_bytes: known('read_bytes', read_bytes),
      write_bytes: known('write_bytes', write_bytes),
      tree: known('tree', { ...this.#tree, cpu: rounded(this.#tree.cpu, 10) }),
      ...(restarts !== undefined && { restarts }),
      ...(numprocesses !== undefined && { numprocesses }),
    }
  }
}

const summed = ['cpu', 'mem', 'rss', 'fds', 'threads', 'read_bytes', 'write_bytes'] as const

const rounded = (value: number, parts: number): number => Math.round(value * parts) / parts
