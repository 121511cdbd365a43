import { readFileSync } from 'node:fs'
import { uptime } from 'node:os'
import { procBuffer, readProc } from './proc-file.ts'

/** What /proc/PID/stat tells of a process: the one file of it that is cheap to read, and open to everybody. */
export interface ProcessStat {
  readonly pid: number
  /** What the kernel calls it, the first 15 bytes of its program's name: another one after an exec. */
  readonly name: string
  readonly zombie: boolean
  readonly parent: number
  readonly session: number
  /** Clock ticks since boot: with the pid, it names a process for good. */
  readonly startTime: number
  /** Unix seconds. */
  readonly createdAt: number
  /** User and system time so far. */
  readonly cpuSeconds: number
  readonly nice: number
  readonly threads: number
  readonly vmsBytes: number
}

// The fields that are looked at, counted from the state: proc(5) counts them from 3.
const PARENT = 1
const SESSION = 3
const USER_TIME = 11
const SYSTEM_TIME = 12
const NICE = 16
const THREADS = 17
const START_TIME = 19
const VIRTUAL_SIZE = 20
const fields = new Float64Array(VIRTUAL_SIZE + 1)

/** Pid, name and parentheses take no more bytes: the kernel's own threads have the longest names, of 64. */
const LONGEST_NAME = 96
const SPACE = 0x20
const OPENING = 0x28
const CLOSING = 0x29
const MINUS = 0x2d
const ZERO = 0x30
const X = 0x58
const Z = 0x5a

/** The stat of `pid` as it is now. `null` when there is none, or no /proc. */
export function processStat(pid: number): ProcessStat | null {
  const length = readProc(`/proc/${pid}/stat`)
  if (length <= 0) return null
  const line = procBuffer
  // The program's name stands in parentheses and may hold anything, parentheses included.
  let begin = Math.min(length, LONGEST_NAME)
  while (begin > 0 && line[begin] !== CLOSING) begin--
  const name = line.toString('latin1', line.indexOf(OPENING) + 1, begin)
  begin += 2
  const state = line[begin]
  // Read as bytes: hundreds of these lines are read every second.
  let at = begin + 1
  for (let field = 1; field <= VIRTUAL_SIZE; field++) {
    at++
    const negative = line[at] === MINUS
    if (negative) at++
    let value = 0
    for (; at < length && line[at] !== SPACE; at++) value = value * 10 + line[at]! - ZERO
    fields[field] = negative ? -value : value
  }
  const { ticksPerSecond, bootedAt } = machine()
  return {
    pid,
    name,
    zombie: state === Z || state === X,
    parent: fields[PARENT]!,
    session: fields[SESSION]!,
    startTime: fields[START_TIME]!,
    createdAt: bootedAt + fields[START_TIME]! / ticksPerSecond,
    cpuSeconds: (fields[USER_TIME]! + fields[SYSTEM_TIME]!) / ticksPerSecond,
    nice: fields[NICE]!,
    threads: fields[THREADS]!,
    vmsBytes: fields[VIRTUAL_SIZE]!,
  }
}

/**
 * Resident memory of `pid`. Not what `stat` says of it: on a machine with many processors that is behind by megabytes.
 * `null` when it is gone.
 */
export function residentBytes(pid: number): number | null {
  const length = readProc(`/proc/${pid}/statm`)
  if (length <= 0) return null
  let [at, pages] = [0, 0]
  while (at < length && procBuffer[at] !== SPACE) at++
  for (at++; at < length && procBuffer[at] !== SPACE; at++) pages = pages * 10 + procBuffer[at]! - ZERO
  return pages * machine().pageBytes
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
  const vector = readOrNothing('/proc/self/auxv')
  const entry = (type: bigint) => {
    for (let at = 0; at + 16 <= vector.length; at += 16) {
      if (vector.readBigUInt64LE(at) === type) return Number(vector.readBigUInt64LE(at + 8))
    }
    return undefined
  }
  return { pageBytes: entry(AT_PAGESZ) ?? 4096, ticksPerSecond: entry(AT_CLKTCK) ?? 100, bootedAt: readBootTime() }
}

/** In a container, the uptime may be the container's own; but outside of one it tells more than whole seconds. */
function readBootTime(): number {
  const [, seconds] = /^btime (\d+)$/m.exec(readOrNothing('/proc/stat').toString('latin1')) ?? []
  const exact = Date.now() / 1000 - uptime()
  return seconds === undefined || Math.abs(exact - Number(seconds)) < 1.5 ? exact : Number(seconds)
}

/** Some containers hide these, and show the processes. */
function readOrNothing(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch {
    return Buffer.alloc(0)
  }
}
