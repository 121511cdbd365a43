import { processStat, residentBytes } from '../posix/process-stat.ts'
import { SIGKILL } from '../posix/signals.ts'
import { humanBytes } from '../process-info.ts'
import type { Watcher } from '../watcher.ts'
import type { IsolatedRecord } from './isolated-record.ts'
import type { IsolationLimits } from './isolation.ts'

/** How often its process is looked at, in milliseconds. */
const LOOK_MS = 1000

/** A plugin in a process of its own. */
export interface Isolated {
  /** Its watcher. */
  readonly watcher: string
  readonly record: IsolatedRecord
  readonly limits: IsolationLimits
}

/** What its process uses. */
export interface ProcessUse {
  readonly pid: number
  readonly rssBytes: number | null
  /** Of the processor, since it began. */
  readonly cpuSeconds: number | null
}

/** Whom the overseer asks and tells. */
export interface OverseerContext {
  watcher(name: string): Watcher
  /** It uses too much, and is killed. */
  onFailure(plugin: Isolated, what: string, error: string): void
  /** For the log. */
  onNote(plugin: Isolated, note: string): void
  /** A process that is not heard of for so many milliseconds hangs. */
  readonly patienceMs: number
}

/**
 * Looks after the processes of isolated plugins: one that uses more memory than it may is killed, and its watcher starts
 * another; of one that hangs the log says so.
 */
export class Overseer {
  readonly #context: OverseerContext
  readonly #plugins = new Set<Isolated>()
  /** The processes that hang. */
  readonly #hanging = new WeakMap<Isolated, number>()
  #timer: NodeJS.Timeout | undefined

  constructor(context: OverseerContext) {
    this.#context = context
  }

  add(plugin: Isolated): void {
    this.#plugins.add(plugin)
    this.#timer ??= setInterval(() => this.look(), LOOK_MS).unref()
  }

  delete(plugin: Isolated): void {
    this.#plugins.delete(plugin)
    if (this.#plugins.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** Look at all of them now. */
  look(): void {
    for (const plugin of this.#plugins) {
      const process = this.#watcher(plugin)?.processes[0]
      if (!process) continue
      this.#watchMemory(plugin, process.pid)
      this.#watchSilence(plugin, process.pid, process.age * 1000)
    }
  }

  /** Whether its process is at work. */
  isRunning(plugin: Isolated): boolean {
    const { report } = plugin.record
    return report?.atWork === true && this.isAlive(plugin, report.pid)
  }

  /** Whether that process is its. */
  isAlive(plugin: Isolated, pid: number): boolean {
    return this.#watcher(plugin)?.pids.includes(pid) ?? false
  }

  /** Where it is on its way, and why where that can be told. */
  state(plugin: Isolated): { readonly state: string; readonly reason?: string } {
    const watcher = this.#watcher(plugin)
    if (!watcher) return { state: 'stopped', reason: 'its watcher was removed' }
    const [pid] = watcher.pids
    if (pid === undefined) {
      if (watcher.status === 'stopped') return { state: 'stopped', ...(watcher.reason && { reason: watcher.reason }) }
      const [last] = watcher.history.exits
      const how = last && (last.signal ? `was killed by ${last.signal}` : `ended with ${last.exit_code}`)
      const { pause } = watcher
      const next = pause ? `; the next in ${Math.max(pause.until - Date.now() / 1000, 0).toFixed(1)} s` : ''
      return { state: 'restarting', ...(how && { reason: `its process ${how}${next}` }) }
    }
    if (this.#hanging.get(plugin) === pid) return { state: 'hanging' }
    return { state: this.isRunning(plugin) ? 'running' : 'starting' }
  }

  /** How often a process took the place of one that had died. */
  restarts(plugin: Isolated): number {
    return this.#watcher(plugin)?.history.restarts ?? 0
  }

  use(plugin: Isolated): ProcessUse | undefined {
    const [pid] = this.#watcher(plugin)?.pids ?? []
    if (pid === undefined) return undefined
    return { pid, rssBytes: residentBytes(pid), cpuSeconds: processStat(pid)?.cpuSeconds ?? null }
  }

  #watchMemory(plugin: Isolated, pid: number): void {
    const { memoryBytes } = plugin.limits
    const rssBytes = memoryBytes > 0 ? (residentBytes(pid) ?? 0) : 0
    if (rssBytes <= memoryBytes) return
    const said = `it uses ${humanBytes(rssBytes)} of memory, and may use ${humanBytes(memoryBytes)} (isolate_memory)`
    this.#context.onFailure(plugin, `its process ${pid}`, `${said}: it is killed, and started again`)
    const watcher = this.#watcher(plugin)
    const process = watcher?.processes.find((process) => process.pid === pid)
    if (process) void watcher?.signal(process, SIGKILL)
  }

  #watchSilence(plugin: Isolated, pid: number, ageMs: number): void {
    const { report, heardAt } = plugin.record
    const isAtWork = report?.pid === pid
    const silentMs = isAtWork ? performance.now() - heardAt : ageMs
    const isHanging = silentMs > this.#context.patienceMs
    if (isHanging === (this.#hanging.get(plugin) === pid)) return
    if (isHanging) this.#hanging.set(plugin, pid)
    else this.#hanging.delete(plugin)
    const since = isAtWork ? 'was not heard of' : 'has not said that it is at work'
    const note = isHanging ? `${since} for ${Math.round(silentMs / 1000)} s: it hangs` : 'is heard of again'
    this.#context.onNote(plugin, `its process ${pid} ${note}`)
  }

  /** `undefined`: somebody has removed it. */
  #watcher({ watcher }: Isolated): Watcher | undefined {
    try {
      return this.#context.watcher(watcher)
    } catch {
      return undefined
    }
  }
}
