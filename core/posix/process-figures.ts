import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs'
import { childrenOf, type ProcessEntry, processTable } from './proc.ts'

/** What the kernel knows about one process at one moment. */
export interface ProcessFigures {
  readonly pid: number
  readonly zombie: boolean
  /** Clock ticks since boot: with the pid, it names a process for good. */
  readonly startTime: number
  /** Unix seconds. */
  readonly createdAt: number
  /** User and system time so far. */
  readonly cpuSeconds: number
  readonly nice: number
  readonly threads: number
  readonly vmsBytes: number
  readonly rssBytes: number
  /** The real user; `null` when that cannot be read. */
  readonly uid: number | null
  /** The first argument, a name that a program gives itself included; empty when there is none. */
  readonly argv0: string
}

/** The figures of `pid` as they are now. `null` when there is none, it may not be looked at, or there is no /proc. */
export function processFigures(pid: number): ProcessFigures | null {
  const stat = read(`/proc/${pid}/stat`)
  if (stat === null) return null
  // The program's name stands in parentheses and may hold anything, parentheses included: proc(5).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const number = (at: number) => Number(fields[at])
  const { pageBytes, ticksPerSecond, bootedAt } = machine()
  const zombie = fields[0] === 'Z' || fields[0] === 'X'
  return {
    pid,
    zombie,
    startTime: number(19),
    createdAt: bootedAt + number(19) / ticksPerSecond,
    cpuSeconds: (number(11) + number(12)) / ticksPerSecond,
    nice: number(16),
    threads: number(17),
    vmsBytes: number(20),
    rssBytes: number(21) * pageBytes,
    uid: zombie ? null : realUid(pid),
    argv0: zombie ? '' : (firstArgument(pid) ?? ''),
  }
}

/** Finds the direct children of processes; what it has to read of the whole process table it reads once. */
export class ChildFinder {
  #table: ProcessEntry[] | undefined

  /** Pids; those of zombies may be among them. */
  of({ pid, threads }: ProcessFigures): number[] {
    // Some kernels are built without these files (CONFIG_PROC_CHILDREN).
    hasChildrenFiles ??= existsSync(`/proc/${process.pid}/task/${process.pid}/children`)
    if (!hasChildrenFiles) {
      this.#table ??= processTable()
      return childrenOf(pid, this.#table).map((entry) => entry.pid)
    }
    // Each thread has the children it has started.
    if (threads <= 1) return childrenOfThread(pid, String(pid))
    return threadsOf(pid).flatMap((thread) => childrenOfThread(pid, thread))
  }
}

let hasChildrenFiles: boolean | undefined

function childrenOfThread(pid: number, thread: string): number[] {
  const path = `/proc/${pid}/task/${thread}/children`
  let list = read(path)
  if (list?.length === buffer.length) list = readWhole(path)
  return list ? list.split(' ').filter(Boolean).map(Number) : []
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    return []
  }
}

/** The owner of the folder in /proc is root where a program may not be looked into: this is the one it runs as. */
function realUid(pid: number): number | null {
  const status = read(`/proc/${pid}/status`)
  const at = status?.indexOf('\nUid:\t') ?? -1
  return at < 0 ? null : Number.parseInt(status!.slice(at + 6, at + 20), 10)
}

/** A process may write there what it likes, and as much. */
const LONGEST_ARGUMENT = 1024

function firstArgument(pid: number): string | null {
  const line = read(`/proc/${pid}/cmdline`, 'utf8')?.slice(0, LONGEST_ARGUMENT)
  const end = line?.indexOf('\0') ?? -1
  return end < 0 ? (line ?? null) : line!.slice(0, end)
}

/** One for all: reading hundreds of small files is mostly the allocation of buffers. */
const buffer = Buffer.allocUnsafeSlow(8192)

/** A file of /proc, as far as it fits the buffer; `null` when it cannot be read. */
function read(path: string, encoding: 'latin1' | 'utf8' = 'latin1'): string | null {
  let fd: number
  try {
    fd = openSync(path, 'r')
  } catch {
    return null
  }
  try {
    let length = 0
    for (let bytes = -1; bytes !== 0; length += bytes) {
      bytes = readSync(fd, buffer, length, buffer.length - length, null)
    }
    return buffer.toString(encoding, 0, length)
  } catch {
    // It ended while its file was open.
    return null
  } finally {
    closeSync(fd)
  }
}

function readWhole(path: string): string | null {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return null
  }
}

interface Machine {
  readonly pageBytes: number
  readonly ticksPerSecond: number
  /** Unix seconds. */
  readonly bootedAt: number
}

let known: Machine | undefined

/** What the figures of /proc are counted in. */
function machine(): Machine {
  known ??= readMachine()
  return known
}

const AT_PAGESZ = 6n
const AT_CLKTCK = 17n

function readMachine(): Machine {
  const vector = readFileSync('/proc/self/auxv')
  const entry = (type: bigint) => {
    for (let at = 0; at + 16 <= vector.length; at += 16) {
      if (vector.readBigUInt64LE(at) === type) return Number(vector.readBigUInt64LE(at + 8))
    }
    return undefined
  }
  const [, bootedAt = '0'] = /^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'latin1')) ?? []
  return { pageBytes: entry(AT_PAGESZ) ?? 4096, ticksPerSecond: entry(AT_CLKTCK) ?? 100, bootedAt: Number(bootedAt) }
}
