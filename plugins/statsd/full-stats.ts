import type { Circus } from '../../core/plugin.ts'
import { Health } from '../lib/health.ts'
import { bytesOf } from '../lib/memory.ts'
import type { Statsd } from '../lib/statsd.ts'

/** What `stats` says of a process, as far as it is read here; an original Circus has no `rss`. */
interface Info {
  readonly cpu: number | string
  readonly mem: number | string
  readonly mem_info1: string
  readonly rss?: number | string
}

/** Of a watcher: `info` by pid, words where a process is gone, and numbers about the watcher itself. */
type WatcherInfo = Readonly<Record<string, Info | string | number>>

/** The original leaves plugins out that run in processes of their own. */
const isPlugin = (watcher: string): boolean => watcher.toLowerCase().startsWith('plugin:')

/** Sends gauges of what the processes of each watcher use, again and again. */
export class FullStats {
  readonly #circus: Circus
  readonly #statsd: Statsd
  /** Processes spawned, by the name that the watcher has in events. */
  readonly #spawned = new Map<string, number>()
  readonly #health: Health

  constructor(circus: Circus, statsd: Statsd) {
    this.#circus = circus
    this.#statsd = statsd
    this.#health = new Health(circus.log, 'asking the daemon what processes use')
  }

  /** From now on, every so many seconds. */
  begin(seconds: number): void {
    const { on, every } = this.#circus
    on('spawn', ({ watcher }) => void this.#spawned.set(watcher, (this.#spawned.get(watcher) ?? 0) + 1))
    on('remove', ({ watcher }) => void this.#spawned.delete(watcher))
    every(seconds, () => this.#look())
  }

  async #look(): Promise<void> {
    const infos = await this.#infos()
    if (!infos) return this.#statsd.count('_stats.error')
    for (const [watcher, info] of Object.entries(infos)) if (!isPlugin(watcher)) this.#tell(watcher, info)
  }

  async #infos(): Promise<Readonly<Record<string, WatcherInfo>> | undefined> {
    try {
      const { infos } = await this.#circus.call<{ infos: Record<string, WatcherInfo> }>('stats')
      this.#health.worked()
      return infos
    } catch (error) {
      this.#health.failed(`fails: ${(error as Error).message}`)
      return undefined
    }
  }

  #tell(watcher: string, info: WatcherInfo): void {
    const gauge = (name: string, value: number) => this.#statsd.gauge(`_stats.${watcher}.${name}`, value)
    const processes = Object.values(info).filter((each) => typeof each === 'object')
    gauge('spawn_count', this.#spawnCount(watcher, info, processes.length))
    gauge('watchers_num', processes.length)
    const figures = {
      cpu: numbers(processes.map(({ cpu }) => cpu)),
      mem_pct: numbers(processes.map(({ mem }) => mem)),
      mem: numbers(processes.map(bytesOf)),
    }
    for (const [name, values] of Object.entries(figures)) {
      if (values.length === 0) continue
      gauge(`${name}_max`, Math.max(...values))
      gauge(
        `${name}_sum`,
        values.reduce((sum, value) => sum + value, 0),
      )
    }
  }

  /** As the daemon says, where it does; else as the events said, and what was there before them. */
  #spawnCount(watcher: string, info: WatcherInfo, running: number): number {
    const { spawn_count } = info
    if (typeof spawn_count === 'number') return spawn_count
    const topic = watcher.toLowerCase().replaceAll(' ', '_')
    const count = Math.max(this.#spawned.get(topic) ?? 0, running)
    if (count > 0) this.#spawned.set(topic, count)
    return count
  }
}

/** What cannot be read is `N/A`, and left out. */
const numbers = (values: readonly (number | string | undefined)[]): number[] =>
  values.filter((value) => typeof value === 'number')
