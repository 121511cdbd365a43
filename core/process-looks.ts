import { type Seen, see } from './cpu-share.ts'
import { ChildFinder, type ProcessFigures, processFigures } from './posix/process-figures.ts'
import { type ProcessStat, processStat, residentBytes } from './posix/process-stat.ts'
import { processUse } from './posix/process-use.ts'
import type { Process } from './process.ts'
import {
  describeProcess,
  GONE,
  type ProcessInfo,
  type TreeTotals,
  unreadableProcess,
  type WatchedProcessInfo,
} from './process-info.ts'
import { pauseIfLate } from './time-slices.ts'
import { WorkDone } from './work-done.ts'

/**
 * The statistics of a process of a watcher as they are now, or `GONE`. Takes its time where there are many children. One
 * `finder` serves all looks of a moment; `deep`: with all descendants, each below its parent.
 */
export async function watchedProcessInfo(
  process: Process,
  restarts: number,
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
  if (!figures) return { ...unreadableProcess(pid), wid, started, age, restarts, cpu_seconds: 'N/A' }
  const looks = remembered(process)
  const info = await look(figures, looks, { levels: deep ? Number.POSITIVE_INFINITY : 1, finder })
  return { ...info, wid, started, age, restarts, cpu_seconds: Math.round(looks.worked.seconds * 100) / 100 }
}

/** The statistics of this very process, without children, as in the original. */
export function ownProcessInfo(): ProcessInfo {
  const figures = processFigures(process.pid)
  if (!figures) return unreadableProcess(process.pid)
  ownSeen = see(figures, ownSeen)
  const { rssBytes } = figures
  return describeProcess(figures, figures, { rssBytes, cpu: ownSeen.percent, use: processUse(process.pid) })
}

let ownSeen: Seen | undefined

/** What was last seen of one process and all that descended from it then, by pid. It goes with the `Process`. */
interface Looks {
  seen: Map<number, Seen>
  readonly worked: WorkDone
}

const byProcess = new WeakMap<Process, Looks>()

function remembered(process: Process): Looks {
  const known = byProcess.get(process) ?? { seen: new Map(), worked: new WorkDone() }
  byProcess.set(process, known)
  return known
}

/** How much is looked at. */
interface Look {
  /** Generations of descendants that are told one by one; all count in `tree`. */
  readonly levels: number
  readonly finder: ChildFinder
}

async function look(figures: ProcessFigures, looks: Looks, { levels, finder }: Look): Promise<ProcessInfo> {
  const began = performance.now()
  const now = new Map<number, Seen>()
  const glance = (of: ProcessStat): number => {
    const seen = see(of, looks.seen.get(of.pid))
    looks.worked.add(of, began)
    now.set(of.pid, seen)
    return seen.percent
  }
  async function* childrenOf(parent: ProcessStat): AsyncGenerator<number> {
    for (const pid of finder.of(parent)) {
      const pause = pauseIfLate()
      if (pause) await pause
      // A table that was read a moment ago may have loops by now.
      if (!now.has(pid)) yield pid
    }
  }
  // Younger than its parent, or the pid is another's by now.
  const isChild = (child: ProcessStat | null, parent: ProcessStat): boolean =>
    child !== null && !child.zombie && child.startTime >= parent.startTime
  const count = async (of: ProcessStat): Promise<TreeTotals> => {
    const total = { cpu: glance(of), rss: residentBytes(of.pid) ?? 0, count: 1 }
    for await (const pid of childrenOf(of)) {
      const child = processStat(pid)
      if (isChild(child, of)) add(total, await count(child!))
    }
    return total
  }
  const visit = async (of: ProcessFigures, left: number): Promise<ProcessInfo & { tree: TreeTotals }> => {
    const cpu = glance(of)
    const { rssBytes } = of
    const tree = { cpu, rss: rssBytes, count: 1 }
    const info = Object.assign(describeProcess(of, of, { rssBytes, cpu, use: processUse(of.pid) }), { tree })
    for await (const pid of childrenOf(of)) {
      const child = left > 0 ? processFigures(pid) : processStat(pid)
      if (!isChild(child, of)) continue
      if (left === 0) {
        add(info.tree, await count(child!))
        continue
      }
      const below = await visit(child as ProcessFigures, left - 1)
      info.children.push(below)
      add(info.tree, below.tree)
    }
    info.tree.cpu = Math.round(info.tree.cpu * 10) / 10
    return info
  }
  const info = await visit(figures, levels)
  looks.seen = now
  looks.worked.forget(began)
  return info
}

function add(total: TreeTotals, part: TreeTotals): void {
  total.cpu += part.cpu
  total.rss += part.rss
  total.count += part.count
}
