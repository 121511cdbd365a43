import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs'

const scratch = Buffer.allocUnsafe(8192)

/** Memory of one or more processes, from `/proc/PID/smaps_rollup`. */
export interface Memory {
  readonly rssBytes: number
  /** Pages shared by n processes count 1/n here. */
  readonly pssBytes: number
  /** The part of PSS that no file backs: it does not change with who else runs the same program. */
  readonly anonymousBytes: number
}

/** Every pid of this pid namespace. */
export function allPids(): number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger)
}

/** The arguments of a process; `undefined` once it is gone. A zombie has none. */
export function commandLine(pid: number): string[] | undefined {
  const text = readShort(`/proc/${pid}/cmdline`)
  return text?.split('\0').slice(0, -1)
}

/** Working directory of a process; `undefined` when it is gone or not ours to see. */
export function workingDirectory(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return undefined
  }
}

/** `roots` and all that descend from them, zombies included, roots first. */
export function withDescendants(roots: Iterable<number>): number[] {
  const children = new Map<number, number[]>()
  for (const pid of allPids()) {
    const parent = Number(statFields(pid)?.[1])
    children.set(parent, [...(children.get(parent) ?? []), pid])
  }
  const found = new Set(roots)
  for (const pid of found) for (const child of children.get(pid) ?? []) found.add(child)
  return [...found]
}

/** Memory of all these processes together. */
export function memoryOf(pids: readonly number[]): Memory {
  let rssBytes = 0
  let pssBytes = 0
  let anonymousBytes = 0
  for (const pid of pids) {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1')
    rssBytes += kilobytes(rollup, 'Rss') * 1024
    pssBytes += kilobytes(rollup, 'Pss') * 1024
    anonymousBytes += kilobytes(rollup, 'Pss_Anon') * 1024
  }
  return { rssBytes, pssBytes, anonymousBytes }
}

/** User and system time all threads of these processes have used, in seconds; the kernel counts in 10 ms. */
export function cpuSeconds(pids: readonly number[]): number {
  const ticks = pids
    .map((pid) => statFields(pid))
    .map((fields) => Number(fields?.[11] ?? 0) + Number(fields?.[12] ?? 0))
  return ticks.reduce((sum, each) => sum + each, 0) / 100
}

/** How many descriptors a process has open. */
export function descriptorCount(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length
}

/** The whole of a small file under /proc, without the cost of `readFileSync`; `undefined` when it cannot be read. */
export function readShort(path: string): string | undefined {
  let fd: number
  try {
    fd = openSync(path, 'r')
  } catch {
    return undefined
  }
  try {
    return scratch.toString('latin1', 0, readSync(fd, scratch, 0, scratch.length, 0))
  } catch {
    return undefined
  } finally {
    closeSync(fd)
  }
}

// The fields of /proc/PID/stat from the third, the state, on: the second, the name, may hold anything.
function statFields(pid: number): string[] | undefined {
  const text = readShort(`/proc/${pid}/stat`)
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')
}

function kilobytes(rollup: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(rollup)?.[1] ?? 0)
}
