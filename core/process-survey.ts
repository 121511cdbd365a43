import { readdirSync } from 'node:fs'
import { type Seen, see } from './cpu-share.ts'
import { type ProcessStat, processStat, residentBytes } from './posix/process-stat.ts'
import { type ProcessIdentity, type ProcessUse, processIdentity, processUse } from './posix/process-use.ts'
import { describeProcess, type ProcessInfo, type TreeTotals, type Unknown, unreadableProcess } from './process-info.ts'
import { pauseIfLate } from './time-slices.ts'

/** A process to look at. */
export interface SurveyTarget {
  readonly pid: number
  /** Clock ticks since boot: whoever has the pid and not this start is a stranger. `null`: not known. */
  readonly startTime: number | null
}

/** A process as it was seen; `N/A` where there is no /proc to look at. */
export interface SurveyedProcess {
  readonly pid: number
  /** Clock ticks since boot; `null` where there is no /proc. */
  readonly startTime: number | null
  /** Percent of one processor since the look before; at the first look, over its life. */
  readonly cpu: number | Unknown
  readonly rssBytes: number | Unknown
  readonly tree: TreeTotals | Unknown
  /** Its statistics, its children's included. */
  info(): ProcessInfo
}

let hasProc: boolean | undefined

/**
 * Names and users are read anew after an exec, and every so many looks: a program may give itself another name at any
 * time.
 */
const IDENTITY_LOOKS = 10
/** A stranger is looked at again every so many looks, to be sure that its pid is not another's by now. */
const STRANGER_LOOKS = 32

/**
 * Looks at processes and all that descends from them, again and again, in one pass over the process table each time. What
 * has nothing to do with them is looked at but once; no descriptor is kept.
 */
export class ProcessSurvey {
  #known = new Map<number, Known>()
  /** The start times of those that descend from none of the targets. */
  #strangers = new Map<number, number>()
  #looks = 0

  /** Whether this machine has what it takes: /proc. */
  static get isPossible(): boolean {
    hasProc ??= processStat(process.pid) !== null
    return hasProc
  }

  /**
   * The targets that live, by pid, leaving the event loop to others in between. One look at a time. A descendant is
   * whoever has a target above it, or is in the session that a target leads though its parent has ended.
   */
  async look(targets: readonly SurveyTarget[]): Promise<ReadonlyMap<number, SurveyedProcess>> {
    if (!ProcessSurvey.isPossible) return new Map(targets.map(({ pid }) => [pid, unreadable(pid)]))
    this.#looks++
    const nodes = new Map<number, Node>()
    let newSince = Number.POSITIVE_INFINITY
    for (const { pid, startTime } of targets) {
      const pause = pauseIfLate()
      if (pause) await pause
      const stat = processStat(pid)
      if (!stat || stat.zombie || (startTime !== null && startTime !== stat.startTime)) continue
      if (this.#known.get(pid)?.seen.startTime !== stat.startTime) newSince = Math.min(newSince, stat.startTime)
      nodes.set(pid, { stat, isTarget: true, children: [], parent: null })
    }
    await this.#findDescendants(nodes, newSince)
    const known = new Map<number, Known>()
    for (const node of nodes.values()) {
      const pause = pauseIfLate()
      if (pause) await pause
      const seen = this.#examine(node)
      if (seen) known.set(node.stat.pid, seen)
      else if (node.isTarget) nodes.delete(node.stat.pid)
    }
    this.#known = known
    const surveyed = new Map<number, SurveyedProcess>()
    for (const [pid, node] of nodes) if (node.isTarget) surveyed.set(pid, describe(node))
    return surveyed
  }

  /** @param newSince The start of the first target that is new: strangers that are younger may be its children. */
  async #findDescendants(nodes: Map<number, Node>, newSince: number): Promise<void> {
    const others = new Map<number, ProcessStat>()
    const strangers = new Map<number, number>()
    for (const pid of allPids()) {
      if (nodes.has(pid)) continue
      const began = this.#strangers.get(pid)
      if (began !== undefined && began < newSince && (pid + this.#looks) % STRANGER_LOOKS !== 0) {
        strangers.set(pid, began)
        continue
      }
      const pause = pauseIfLate()
      if (pause) await pause
      const stat = processStat(pid)
      if (stat && !stat.zombie) others.set(pid, stat)
    }
    const place = (stat: ProcessStat): Node | null => {
      const there = nodes.get(stat.pid)
      if (there) return there
      others.delete(stat.pid)
      const above = others.get(stat.parent)
      const parent = (above ? place(above) : nodes.get(stat.parent)) ?? null
      // What lost its parent goes to whoever adopts the orphans of the machine or of the container, perhaps the daemon.
      const leader = nodes.get(stat.session)
      const adopter = parent?.isTarget && leader?.isTarget && parent.stat.session !== stat.session ? leader : parent
      const owner = adopter ?? (leader?.isTarget ? leader : null)
      if (!owner) {
        strangers.set(stat.pid, stat.startTime)
        return null
      }
      const node: Node = { stat, isTarget: false, children: [], parent: owner }
      nodes.set(stat.pid, node)
      return node
    }
    for (const stat of others.values()) place(stat)
    this.#strangers = strangers
    for (const node of nodes.values()) {
      // A target may be below another: a daemon's processes are below the daemon.
      const parent = node.isTarget ? nodes.get(node.stat.parent) : node.parent
      if (parent && parent !== node) parent.children.push(node)
    }
  }

  /** What is to be told of a process; `null` when it has ended meanwhile. */
  #examine(node: Node): Known | null {
    const { stat } = node
    const rssBytes = residentBytes(stat.pid)
    if (rssBytes === null) return null
    const before = this.#known.get(stat.pid)
    const isSame = before?.seen.startTime === stat.startTime
    const seen = see(stat, before?.seen)
    // In the middle of an exec it has no command line.
    const isExecuted = before?.name !== stat.name || before.identity.argv0 === ''
    const isDue = !isSame || isExecuted || (stat.pid + this.#looks) % IDENTITY_LOOKS === 0
    const identity = isDue ? processIdentity(stat.pid) : before.identity
    node.measured = { rssBytes, cpu: seen.percent, identity, use: processUse(stat.pid) }
    return { seen, name: stat.name, identity }
  }
}

/** What is remembered of a process from one look to the next. */
interface Known {
  readonly seen: Seen
  /** What the kernel called it. */
  readonly name: string
  readonly identity: ProcessIdentity
}

interface Measured {
  readonly rssBytes: number
  readonly cpu: number
  readonly identity: ProcessIdentity
  readonly use: ProcessUse
}

/** A process of one look. */
interface Node {
  readonly stat: ProcessStat
  readonly isTarget: boolean
  readonly children: Node[]
  /** Whom it counts for; of targets nobody. */
  readonly parent: Node | null
  /** Absent when it ended while it was looked at. */
  measured?: Measured
  total?: TreeTotals
}

function allPids(): number[] {
  try {
    const pids: number[] = []
    for (const name of readdirSync('/proc')) {
      const first = name.charCodeAt(0)
      if (first >= 48 && first <= 57) pids.push(Number(name))
    }
    return pids
  } catch {
    return []
  }
}

function describe(node: Node): SurveyedProcess {
  const { stat } = node
  const { cpu, rssBytes } = node.measured!
  return { pid: stat.pid, startTime: stat.startTime, cpu, rssBytes, tree: totalOf(node), info: () => infoOf(node) }
}

function unreadable(pid: number): SurveyedProcess {
  const info = () => ({ ...unreadableProcess(pid), tree: 'N/A' as const })
  return { pid, startTime: null, cpu: 'N/A', rssBytes: 'N/A', tree: 'N/A', info }
}

function infoOf(node: Node): ProcessInfo {
  const measured = node.measured!
  const info = describeProcess(node.stat, measured.identity, measured)
  info.tree = totalOf(node)
  for (const child of node.children) if (child.measured && !child.isTarget) info.children.push(infoOf(child))
  return info
}

function totalOf(node: Node): TreeTotals {
  if (node.total) return node.total
  const { cpu = 0, rssBytes = 0 } = node.measured ?? {}
  const total = { cpu, rss: rssBytes, count: node.measured ? 1 : 0 }
  // Before its children: a loop, which only a table that changed while it was read can have, ends here.
  node.total = total
  for (const child of node.children) {
    const below = totalOf(child)
    total.cpu += below.cpu
    total.rss += below.rss
    total.count += below.count
  }
  total.cpu = Math.round(total.cpu * 10) / 10
  return total
}
