import { totalmem } from 'node:os'
import { basename } from 'node:path'
import { ChildFinder, type ProcessFigures, processFigures } from './posix/process-figures.ts'
import { userById } from './posix/users.ts'
import type { Process } from './process.ts'
import { pauseIfLate } from './time-slices.ts'

/** What cannot be read. */
type Unknown = 'N/A'

/** The statistics of a process as they go over the wire (PROTOCOL.md). A value that cannot be read is `N/A`. */
export interface ProcessInfo {
  pid: number
  cmdline: string
  username: string
  nice: number | Unknown
  /** Resident memory, as text like `1.47M`. */
  mem_info1: string
  /** Virtual memory, likewise. */
  mem_info2: string
  /** Percent of one processor since it was last looked at; at the first look, over its life. */
  cpu: number | Unknown
  /** Percent of the machine's memory. */
  mem: number | Unknown
  /** User and system time, as `m:ss.cc`. */
  ctime: string
  /** Unix seconds. */
  create_time: number | Unknown
  /** Seconds. */
  age: number | Unknown
  children: ProcessInfo[]
}

/** That of a process of a watcher. */
export interface WatchedProcessInfo extends ProcessInfo {
  wid: number
  /** Unix seconds. */
  started: number
}

/** In place of the statistics of a process that is no more. */
export const GONE = 'No such process (stopped?)'

/** How much is looked at. */
interface Look {
  /** None, those of the process itself, or all descendants, each with its own. */
  readonly children: 'none' | 'direct' | 'all'
  readonly finder: ChildFinder
}

/**
 * The statistics of a process of a watcher as they are now, or `GONE`. Takes its time where there are many children. One
 * `finder` serves all looks of a moment; `deep`: with all descendants, each below its parent.
 */
export async function watchedProcessInfo(
  process: Process,
  { finder = new ChildFinder(), deep = false } = {},
): Promise<WatchedProcessInfo | typeof GONE> {
  await pauseIfLate()
  if (!process.alive) return GONE
  const figures = processFigures(process.pid)
  if (figures && (figures.zombie || (process.startTime !== null && figures.startTime !== process.startTime)))
    return GONE
  const { pid, wid, age } = process
  const started = process.startedAt / 1000
  // It lives: somebody hides it, or this platform has no /proc.
  if (!figures) return { ...unreadable(pid), wid, started, age }
  const info = await look(figures, remembered(process), { children: deep ? 'all' : 'direct', finder })
  return { ...info, wid, started, age }
}

/** The statistics of this very process, without children, as in the original. */
export async function ownProcessInfo(): Promise<ProcessInfo> {
  const figures = processFigures(process.pid)
  return figures ? look(figures, own, { children: 'none', finder: new ChildFinder() }) : unreadable(process.pid)
}

/** Bytes as the wire has them: two decimals, powers of 1024, `B` below 1K. */
export function humanBytes(bytes: number): string {
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), UNITS.length)
  return power === 0 ? `${bytes}B` : `${(bytes / 1024 ** power).toFixed(2)}${UNITS[power - 1]}`
}

const UNITS = ['K', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y']

/** Processor time as the wire has it: `m:ss.cc`. */
export function minutesText(seconds: number): string {
  const hundredths = Math.floor(seconds * 100 + 1e-6)
  const [minutes, rest] = [Math.floor(hundredths / 6000), hundredths % 6000]
  return `${minutes}:${(rest / 100).toFixed(2).padStart(5, '0')}`
}

/** What was seen of a process at an earlier look. */
interface Seen {
  readonly startTime: number
  readonly cpuSeconds: number
  /** `performance.now()` */
  readonly at: number
  readonly percent: number
}

/** Looks closer together than this, in milliseconds, share one figure: ticks are too coarse to tell more. */
const SHORTEST_INTERVAL_MS = 100

/**
 * What is remembered of one process and its children, by pid. Of children, only of those that were there at the last look;
 * and all of it goes with the `Process`.
 */
interface Looks {
  own: Map<number, Seen>
  direct: Map<number, Seen>
  deeper: Map<number, Seen>
}

const emptyLooks = (): Looks => ({ own: new Map(), direct: new Map(), deeper: new Map() })
const byProcess = new WeakMap<Process, Looks>()
const own = emptyLooks()

function remembered(process: Process): Looks {
  const known = byProcess.get(process) ?? emptyLooks()
  byProcess.set(process, known)
  return known
}

async function look(figures: ProcessFigures, looks: Looks, { children, finder }: Look): Promise<ProcessInfo> {
  const now = emptyLooks()
  const visit = async (of: ProcessFigures, level: keyof Looks): Promise<ProcessInfo> => {
    const seen = see(of, looks[level].get(of.pid))
    now[level].set(of.pid, seen)
    const info = describe(of, seen.percent)
    if (children === 'none' || (children === 'direct' && level !== 'own')) return info
    for (const pid of finder.of(of)) {
      const pause = pauseIfLate()
      if (pause) await pause
      const child = processFigures(pid)
      // Younger than its parent, or the pid is another's by now.
      if (!child || child.zombie || child.startTime < of.startTime) continue
      info.children.push(await visit(child, level === 'own' ? 'direct' : 'deeper'))
    }
    return info
  }
  const info = await visit(figures, 'own')
  looks.own = now.own
  if (children !== 'none') looks.direct = now.direct
  if (children === 'all') looks.deeper = now.deeper
  return info
}

function see({ startTime, cpuSeconds, createdAt }: ProcessFigures, before: Seen | undefined): Seen {
  const at = performance.now()
  if (before?.startTime !== startTime) {
    const lived = Math.max(Date.now() / 1000 - createdAt, 0.01)
    return { startTime, cpuSeconds, at, percent: percentOf(cpuSeconds, lived) }
  }
  const passedMs = at - before.at
  if (passedMs < SHORTEST_INTERVAL_MS) return before
  return { startTime, cpuSeconds, at, percent: percentOf(cpuSeconds - before.cpuSeconds, passedMs / 1000) }
}

const percentOf = (part: number, whole: number): number => Math.round((Math.max(part, 0) / whole) * 1000) / 10

const memoryBytes = totalmem()

function describe(figures: ProcessFigures, cpu: number): ProcessInfo {
  const { pid, rssBytes, vmsBytes, createdAt, uid, nice } = figures
  return {
    pid,
    cmdline: programName(figures.argv0),
    username: uid === null ? 'N/A' : userName(uid),
    nice,
    mem_info1: humanBytes(rssBytes),
    mem_info2: humanBytes(vmsBytes),
    cpu,
    mem: Math.round((rssBytes / memoryBytes) * 100_000) / 1000,
    ctime: minutesText(figures.cpuSeconds),
    create_time: createdAt,
    age: Math.max(Date.now() / 1000 - createdAt, 0),
    children: [],
  }
}

function unreadable(pid: number): ProcessInfo {
  return {
    pid,
    cmdline: 'N/A',
    username: 'N/A',
    nice: 'N/A',
    mem_info1: 'N/A',
    mem_info2: 'N/A',
    cpu: 'N/A',
    mem: 'N/A',
    ctime: 'N/A',
    create_time: 'N/A',
    age: 'N/A',
    children: [],
  }
}

/** Like the original, up to the first blank: programs that give themselves a title write it there. */
function programName(argv0: string): string {
  return basename(argv0.trim().split(/\s/, 1)[0]!) || 'N/A'
}

/** Names of users seldom change, and looking one up may ask a server. */
const NAMES_VALID_MS = 60_000
const names = new Map<number, { readonly name: string; readonly until: number }>()

function userName(uid: number): string {
  const known = names.get(uid)
  if (known && known.until > performance.now()) return known.name
  const name = userById(uid)?.name ?? String(uid)
  if (names.size > 1000) names.clear()
  names.set(uid, { name, until: performance.now() + NAMES_VALID_MS })
  return name
}
