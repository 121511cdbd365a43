import { readdirSync, readFileSync } from 'node:fs'

/** One line of the process table. */
export interface ProcessEntry {
  readonly pid: number
  readonly parent: number
  readonly session: number
  readonly zombie: boolean
  /** Clock ticks since boot: with the pid, it names a process for good. */
  readonly startTime: number
}

/** The entry of `pid`, or `null` when there is none (or no /proc). */
export function processEntry(pid: number): ProcessEntry | null {
  let stat: string
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    return null
  }
  // The program's name stands in parentheses and may hold anything, parentheses included: proc(5).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return {
    pid,
    parent: Number(fields[1]),
    session: Number(fields[3]),
    zombie: fields[0] === 'Z' || fields[0] === 'X',
    startTime: Number(fields[19]),
  }
}

/** Every process that can be seen, zombies included. */
export function processTable(): ProcessEntry[] {
  let names: string[]
  try {
    names = readdirSync('/proc')
  } catch {
    return []
  }
  return names
    .filter((name) => name.charCodeAt(0) >= 48 && name.charCodeAt(0) <= 57)
    .map((name) => processEntry(Number(name)))
    .filter((entry) => entry !== null)
}

/** The direct children of `pid`. */
export const childrenOf = (pid: number, table = processTable()): ProcessEntry[] =>
  table.filter((entry) => entry.parent === pid && !entry.zombie)

/**
 * Every living process that descends from one of `roots`, whatever session it moved to, and every one that is still in
 * a session that one of them leads, even when what lay between is dead. Without the roots.
 */
export function descendantsOf(roots: number | readonly number[], table = processTable()): ProcessEntry[] {
  const children = Map.groupBy(table, (entry) => entry.parent)
  const origins = new Set(typeof roots === 'number' ? [roots] : roots)
  // A set grows while it is walked over: this visits every entry that is added to it on the way.
  const found = new Set(table.filter(({ parent, session }) => origins.has(parent) || origins.has(session)))
  for (const { pid } of found) for (const child of children.get(pid) ?? []) found.add(child)
  return [...found].filter(({ pid, zombie }) => !zombie && !origins.has(pid))
}
