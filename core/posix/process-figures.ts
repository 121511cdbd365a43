import { existsSync, readdirSync } from 'node:fs'
import { childrenOf, type ProcessEntry, processTable } from './proc.ts'
import { readWholeProc } from './proc-file.ts'
import { type ProcessStat, processStat, residentBytes } from './process-stat.ts'
import { type ProcessIdentity, processIdentity } from './process-use.ts'

/** What the kernel knows about one process at one moment. */
export interface ProcessFigures extends ProcessStat, ProcessIdentity {
  readonly rssBytes: number
}

/** The figures of `pid` as they are now. `null` when there is none, it may not be looked at, or there is no /proc. */
export function processFigures(pid: number): ProcessFigures | null {
  const stat = processStat(pid)
  if (stat === null) return null
  if (stat.zombie) return { ...stat, rssBytes: 0, uid: null, argv0: '' }
  return { ...stat, rssBytes: residentBytes(pid) ?? 0, ...processIdentity(pid) }
}

/** Finds the direct children of processes; what it has to read of the whole process table it reads once. */
export class ChildFinder {
  #table: ProcessEntry[] | undefined

  /** Pids; those of zombies may be among them. */
  of({ pid, threads }: Pick<ProcessStat, 'pid' | 'threads'>): number[] {
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
  const list = readWholeProc(`/proc/${pid}/task/${thread}/children`)
  return list ? list.split(' ').filter(Boolean).map(Number) : []
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    return []
  }
}
