import { type Circus, parseGlob } from '../../core/plugin.ts'
import { Health } from '../lib/health.ts'
import { bytesOf } from '../lib/memory.ts'
import type { Statsd } from '../lib/statsd.ts'
import { Actor, type Subject } from './actor.ts'
import { type Figures, findingsOf } from './findings.ts'
import type { Limits, Options } from './options.ts'
import { Streaks } from './streaks.ts'

/** What `stats` says of a process, as far as it is read here; an original Circus has no `rss`. */
interface Info {
  readonly pid: number
  readonly cpu: number | string
  readonly mem: number | string
  readonly mem_info1: string
  readonly rss?: number | string
  readonly create_time?: number | string
  readonly children?: readonly Info[]
}

/** Looks what processes use, and has something done where a limit was passed too often. */
export class ResourceWatcher {
  readonly #circus: Circus
  readonly #settings: Options
  readonly #statsd: Statsd
  readonly #actor: Actor
  readonly #health: Health
  readonly #wanted: readonly { readonly pattern: string; readonly picks: (name: string) => boolean }[]
  /** Both by the name that a watcher has in events. */
  readonly #limits = new Map<string, Promise<Limits | undefined>>()
  readonly #streaks = new Map<string, Streaks>()
  /** Names that no watcher had at the last look. */
  #missing = new Set<string>()

  /** @throws ERR_PATTERN_TOO_SLOW */
  constructor(circus: Circus, settings: Options, statsd: Statsd) {
    this.#circus = circus
    this.#settings = settings
    this.#statsd = statsd
    this.#actor = new Actor(circus, statsd)
    this.#health = new Health(circus.log, 'asking the daemon')
    const patterns = (settings.watcher ?? settings.service ?? '').split(',').map((each) => each.trim())
    this.#wanted = patterns.filter(Boolean).map((pattern) => {
      const matches = parseGlob(pattern, { ignoreCase: true })
      // A glob does not mean the plugins that run in processes of their own, this one perhaps among them.
      const meansPlugins = pattern.toLowerCase().startsWith('plugin:')
      return { pattern, picks: (name) => (meansPlugins || !isPlugin(name)) && matches(name) }
    })
  }

  /** The options of a watcher are to be read anew, or it is gone. */
  forget(topicName: string): void {
    this.#limits.delete(topicName)
  }

  async look(): Promise<void> {
    try {
      const { statuses } = await this.#circus.call<{ statuses: Record<string, string> }>('status')
      this.#tellMissing(Object.keys(statuses))
      const seen = new Set<string>()
      for (const [name, status] of Object.entries(statuses)) {
        if (this.#circus.signal.aborted) return
        // Where something is under way already, processes come and go.
        if (status === 'active' && (await this.#lookAt(name))) seen.add(inTopics(name))
      }
      for (const name of this.#streaks.keys()) if (!seen.has(name)) this.#streaks.delete(name)
      this.#health.worked()
    } catch (error) {
      this.#health.failed(`fails: ${(error as Error).message}`)
      for (const { pattern } of this.#wanted) this.#statsd.count(`_resource_watcher.${pattern}.error`)
    }
  }

  /** Whether this watcher is one to look at. */
  async #lookAt(name: string): Promise<boolean> {
    if (this.#wanted.length > 0 && !this.#wanted.some(({ picks }) => picks(name))) return false
    const limits = await this.#limitsOf(name)
    if (!limits) return false
    const infos = await this.#infosOf(name)
    const streaks = this.#streaks.get(inTopics(name)) ?? new Streaks()
    this.#streaks.set(inTopics(name), streaks)
    for (const subject of subjectsOf(infos, limits)) {
      const findings = findingsOf(subject.processes, limits)
      for (const { kind } of findings) this.#statsd.count(`_resource_watcher.${name}.${kind}`)
      const passed = streaks.count(subject.key, findings, limits.max_count)
      if (passed) await this.#actor.act(name, limits, subject, passed)
    }
    streaks.turn()
    return true
  }

  async #infosOf(name: string): Promise<Info[]> {
    try {
      const { info } = await this.#circus.call<{ info: Record<string, Info | string> }>('stats', { name })
      return Object.values(info).filter((each) => typeof each === 'object')
    } catch {
      // It was removed meanwhile; anything else is met at the next look, too.
      this.#statsd.count(`_resource_watcher.${name}.error`)
      return []
    }
  }

  /** `undefined`: nobody asks to look at it. */
  #limitsOf(name: string): Promise<Limits | undefined> {
    const known = this.#limits.get(inTopics(name))
    if (known) return known
    const limits = this.#readLimits(name)
    this.#limits.set(inTopics(name), limits)
    return limits
  }

  async #readLimits(name: string): Promise<Limits | undefined> {
    try {
      const own = Object.entries(await this.#circus.watcherOptions<Partial<Limits>>(name))
      const given = own.filter(([, value]) => value !== undefined)
      if (given.length === 0 && this.#wanted.length === 0) return undefined
      return { ...this.#settings, ...Object.fromEntries(given) }
    } catch (error) {
      this.#circus.log.error(`${name}: its resource_watcher.… options are left out: ${(error as Error).message}`)
      return this.#wanted.length > 0 ? this.#settings : undefined
    }
  }

  #tellMissing(names: readonly string[]): void {
    const missing = this.#wanted.filter(({ picks }) => !names.some(picks)).map(({ pattern }) => pattern)
    for (const pattern of missing) {
      this.#statsd.count(`_resource_watcher.${pattern}.error`)
      if (!this.#missing.has(pattern)) this.#circus.log.warning(`there is no watcher ${pattern} to look at`)
    }
    this.#missing = new Set(missing)
  }
}

/** What is held to the limits: the processes as a whole, or each where the action is about one; and children, on wish. */
function subjectsOf(infos: readonly Info[], { action, process_children }: Limits): Subject[] {
  const alone = action.id === 'restart_process' || action.id === 'signal'
  const subjects: Subject[] = alone
    ? infos.map((info) => ({ key: keyOf(info), processes: [figuresOf(info)] }))
    : [{ key: '', processes: infos.map(figuresOf) }]
  if (!process_children) return subjects
  const children = infos.flatMap((parent) =>
    (parent.children ?? []).map((child) => ({
      key: keyOf(child),
      processes: [figuresOf(child)],
      parent: parent.pid,
    })),
  )
  return [...subjects, ...children]
}

/** A process for good: pids are used again. */
const keyOf = ({ pid, create_time }: Info): string => `${pid} ${create_time ?? ''}`

const figuresOf = (info: Info): Figures => ({
  pid: info.pid,
  cpu: asNumber(info.cpu),
  mem: asNumber(info.mem),
  bytes: bytesOf(info),
})

const asNumber = (value: number | string): number | undefined => (typeof value === 'number' ? value : undefined)

const inTopics = (watcher: string): string => watcher.toLowerCase().replaceAll(' ', '_')

const isPlugin = (watcher: string): boolean => watcher.toLowerCase().startsWith('plugin:')
