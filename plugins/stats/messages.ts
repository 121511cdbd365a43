import type { ProcessInfo, SurveyedProcess, TreeTotals } from '../../core/plugin.ts'
import type { ListedProcess } from './roster.ts'

/** What is published of one process: the original's fields, and more. */
export type ProcessMessage = ProcessInfo & Partial<Pick<ListedProcess, 'wid' | 'started' | 'restarts'>> & ProcessTopic

interface ProcessTopic {
  readonly subtopic: number
  /** What the daemon and its helpers are called; of all others `null`. */
  readonly name: string | null
}

type Sum = number | 'N/A'

/** What is published of a watcher: of all its processes together. `N/A` as soon as it is of one of them. */
export interface WatcherMessage {
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
  readonly restarts?: number
}

/** The message of one process. */
export function processMessage(
  seen: SurveyedProcess,
  { wid, started, restarts }: Partial<ListedProcess>,
  name: string | null,
): ProcessMessage {
  const info = seen.info()
  const told = { ...(wid !== undefined && { wid, started, restarts }) }
  return { ...info, ...told, subtopic: seen.pid, name }
}

/** The message of a watcher whose processes had these. */
export function watcherMessage(processes: readonly ProcessMessage[], restarts: number | undefined): WatcherMessage {
  const sum = (get: (message: ProcessMessage) => Sum | undefined) => total(processes.map(get))
  const cpu = sum((each) => each.cpu)
  const ages = processes.map(({ age }) => age).filter((age) => age !== 'N/A')
  return {
    pid: processes.map(({ pid }) => pid),
    cpu: cpu === 'N/A' ? cpu : rounded(cpu / Math.max(processes.length, 1), 10),
    mem: rounded(
      sum((each) => each.mem),
      1000,
    ),
    age: ages.length === 0 ? 'N/A' : Math.max(...ages),
    rss: sum((each) => each.rss),
    fds: sum((each) => each.fds),
    threads: sum((each) => each.threads),
    read_bytes: sum((each) => each.read_bytes),
    write_bytes: sum((each) => each.write_bytes),
    tree: treeTotals(processes),
    ...(restarts !== undefined && { restarts }),
  }
}

function treeTotals(processes: readonly ProcessMessage[]): TreeTotals | 'N/A' {
  const all = { cpu: 0, rss: 0, count: 0 }
  for (const { tree } of processes) {
    if (tree === undefined || tree === 'N/A') return 'N/A'
    all.cpu += tree.cpu
    all.rss += tree.rss
    all.count += tree.count
  }
  return { ...all, cpu: rounded(all.cpu, 10) as number }
}

const total = (values: readonly (Sum | undefined)[]): Sum => {
  let sum = 0
  for (const value of values) {
    if (typeof value !== 'number') return 'N/A'
    sum += value
  }
  return sum
}

const rounded = (value: Sum, parts: number): Sum => (value === 'N/A' ? value : Math.round(value * parts) / parts)
