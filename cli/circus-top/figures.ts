import { readSize } from '../circusctl/units.ts'

/** What one look at a process showed. What the daemon does not tell, or could not read, is absent. */
export interface Figures {
  readonly pid: number
  /** What it is to the daemon, where it is one of its own: `circusd`, `circusd-stats`. */
  readonly role?: string | undefined
  readonly command?: string | undefined
  readonly user?: string | undefined
  readonly nice?: number | undefined
  /** Percent of one processor. */
  readonly cpu?: number | undefined
  /** User and system time, as the daemon writes it. */
  readonly cpuTime?: string | undefined
  /** Resident. */
  readonly memoryBytes?: number | undefined
  /** Percent of the machine's. */
  readonly memoryPercent?: number | undefined
  readonly virtualBytes?: number | undefined
  /** Seconds. */
  readonly age?: number | undefined
  /** Unix seconds: tells processes with the same pid apart. */
  readonly createdAt?: number | undefined
  readonly wid?: number | undefined
  /** How often its place was filled again. */
  readonly restarts?: number | undefined
  readonly fds?: number | undefined
  readonly threads?: number | undefined
  /** Since the process began. */
  readonly readBytes?: number | undefined
  readonly writtenBytes?: number | undefined
  /** The process and all its descendants. */
  readonly tree?: TreeFigures | undefined
  readonly children: readonly Figures[]
}

/** Totals of a process and its descendants. */
interface TreeFigures {
  readonly cpu?: number | undefined
  readonly memoryBytes?: number | undefined
  /** How many processes it is. */
  readonly count?: number | undefined
}

/** Read the statistics of a process as they come over the wire; `undefined` when they are none. */
export function readFigures(info: unknown): Figures | undefined {
  const fields = fieldsOf(info)
  const pid = number(fields.pid)
  if (pid === undefined) return undefined
  return {
    pid,
    role: text(fields.name),
    command: text(fields.cmdline),
    user: text(fields.username),
    nice: number(fields.nice),
    cpu: number(fields.cpu),
    cpuTime: text(fields.ctime),
    memoryBytes: number(fields.rss) ?? readSize(fields.mem_info1),
    memoryPercent: number(fields.mem),
    virtualBytes: readSize(fields.mem_info2),
    age: number(fields.age),
    createdAt: number(fields.create_time),
    wid: number(fields.wid),
    restarts: number(fields.restarts),
    fds: number(fields.fds),
    threads: number(fields.threads),
    readBytes: number(fields.read_bytes),
    writtenBytes: number(fields.write_bytes),
    tree: readTree(fields.tree),
    children: readAll(fields.children),
  }
}

/** The same for those in a list or an object; what is none is left out. */
export function readAll(infos: unknown): Figures[] {
  return Object.values(fieldsOf(infos))
    .map(readFigures)
    .filter((figures) => figures !== undefined)
}

/** The fields of what may be no object at all. */
export const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}

/** A number, unless the daemon could not tell one. */
export const number = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined

/** A text, unless the daemon could not tell one. */
export const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' && value !== 'N/A' ? value : undefined

function readTree(value: unknown): TreeFigures | undefined {
  const { cpu, rss, count } = fieldsOf(value)
  const tree = { cpu: number(cpu), memoryBytes: number(rss), count: number(count) }
  return Object.values(tree).every((figure) => figure === undefined) ? undefined : tree
}

/** The sum of what is known; `undefined` when nothing is. */
export function sumOf(values: Iterable<number | undefined>): number | undefined {
  let sum: number | undefined
  for (const value of values) if (value !== undefined) sum = (sum ?? 0) + value
  return sum
}
