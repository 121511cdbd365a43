import { totalmem } from 'node:os'
import { basename } from 'node:path'
import type { ProcessStat } from './posix/process-stat.ts'
import type { ProcessIdentity, ProcessUse } from './posix/process-use.ts'
import { userById } from './posix/users.ts'

/** What cannot be read. */
export type Unknown = 'N/A'

/** A process with all that descends from it, as far as it lives. */
export interface TreeTotals {
  /** Percent of one processor. */
  cpu: number
  /** Bytes. Pages that several of them share count for each. */
  rss: number
  /** Processes, the one at the top included. */
  count: number
}

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
  /** Resident memory in bytes. */
  rss: number | Unknown
  /** Open descriptors. */
  fds: number | Unknown
  threads: number | Unknown
  /** Bytes that it had the kernel fetch from a disk. */
  read_bytes: number | Unknown
  /** Bytes that it had the kernel write to one. */
  write_bytes: number | Unknown
  /** Absent where nobody has counted. */
  tree?: TreeTotals | Unknown
  children: ProcessInfo[]
}

/** That of a process of a watcher. */
export interface WatchedProcessInfo extends ProcessInfo {
  wid: number
  /** Unix seconds. */
  started: number
  /** How many in its place have died unasked and were replaced, since the daemon began. */
  restarts: number
  /** Seconds of processor time that it and all that descends from it have taken, as far as they were looked at: never less than before. */
  cpu_seconds: number | Unknown
}

/** In place of the statistics of a process that is no more. */
export const GONE = 'No such process (stopped?)'

const memoryBytes = totalmem()

/** The statistics of a process that was just looked at; without its children. */
export function describeProcess(
  { pid, vmsBytes, createdAt, cpuSeconds, nice, threads }: ProcessStat,
  { uid, argv0 }: ProcessIdentity,
  { rssBytes, cpu, use }: { readonly rssBytes: number; readonly cpu: number; readonly use: ProcessUse },
): ProcessInfo {
  return {
    pid,
    cmdline: programName(argv0),
    username: uid === null ? 'N/A' : userName(uid),
    nice,
    mem_info1: humanBytes(rssBytes),
    mem_info2: humanBytes(vmsBytes),
    cpu,
    mem: Math.round((rssBytes / memoryBytes) * 100_000) / 1000,
    ctime: minutesText(cpuSeconds),
    create_time: rounded(createdAt),
    age: rounded(Math.max(Date.now() / 1000 - createdAt, 0)),
    rss: rssBytes,
    fds: use.fds ?? 'N/A',
    threads,
    read_bytes: use.readBytes ?? 'N/A',
    write_bytes: use.writeBytes ?? 'N/A',
    children: [],
  }
}

/** The kernel counts in hundredths. */
const rounded = (seconds: number): number => Math.round(seconds * 100) / 100

/** Those of a process that lives, and cannot be looked at. */
export function unreadableProcess(pid: number): ProcessInfo {
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
    rss: 'N/A',
    fds: 'N/A',
    threads: 'N/A',
    read_bytes: 'N/A',
    write_bytes: 'N/A',
    children: [],
  }
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
