import type { Registry } from 'prom-client'
import { pauseIfLate } from '../../core/plugin.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { ProcessorTime, parseMinutes } from './processor-time.ts'
import type { Daemon, Found, ListedInfo, ListedSocket } from './survey.ts'
import type { Tally } from './tally.ts'

/** As PROTOCOL.md has them. */
const statuses = ['active', 'starting', 'stopping', 'stopped']

/** Turns what was found into the text that Prometheus reads. */
export class Exposition {
  readonly #registry: Registry
  readonly #metrics: Metrics
  readonly #processorTime = new ProcessorTime()

  constructor(prom: typeof import('prom-client')) {
    this.#registry = new prom.Registry()
    this.#metrics = createMetrics(prom, this.#registry)
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  /** One at a time. Only what was found has values: those of watchers that were removed are gone. */
  async text(found: Found, tally: Tally): Promise<string> {
    for (const metric of Object.values(this.#metrics)) metric.reset()
    const watchers = new Map(
      Object.keys(found.statuses).map((name) => [name, living(found.infos[name] ?? {})] as const),
    )
    this.#processorTime.update(watchers)
    tally.keep(new Set([...watchers.keys()].map(topicName)), found.began)
    this.#setDaemon(found.daemon)
    for (const [watcher, processes] of watchers) {
      const pause = pauseIfLate()
      if (pause) await pause
      this.#setWatcher(watcher, processes, found)
      this.#setCounts(watcher, tally)
    }
    for (const socket of found.sockets) this.#setSocket(socket)
    return this.#registry.metrics()
  }

  #setDaemon({ info, version = '', node = '', loop_delay }: Daemon): void {
    const { info: about, uptime, cpu, memory, descriptors, loopDelay } = this.#metrics
    about.set({ version, node }, 1)
    uptime.set(numberOr(info.age, 0))
    cpu.inc(parseMinutes(info.ctime) ?? 0)
    memory.set(numberOr(info.rss, 0))
    descriptors.set(numberOr(info.fds, 0))
    loopDelay.set(loop_delay)
  }

  #setWatcher(watcher: string, processes: readonly ListedInfo[], found: Found): void {
    const { status, wanted, alive, restarts, watcherCpu, watcherMemory, watcherDescriptors, watcherUptime } =
      this.#metrics
    const now = found.statuses[watcher]!
    for (const each of statuses) status.set({ watcher, status: each }, each === now ? 1 : 0)
    const listed = found.listed[watcher.toLowerCase()]
    if (listed) wanted.set({ watcher }, listed.numprocesses)
    alive.set({ watcher }, processes.length)
    for (const [reason, count] of Object.entries(listed?.restarts_by ?? {})) restarts.inc({ watcher, reason }, count)
    watcherCpu.inc({ watcher }, this.#processorTime.of(watcher))
    watcherMemory.set({ watcher }, sum(processes, memoryOf))
    watcherDescriptors.set({ watcher }, sum(processes, descriptorsOf))
    watcherUptime.set({ watcher }, Math.max(0, ...processes.map(({ age }) => numberOr(age, 0))))
  }

  #setCounts(watcher: string, tally: Tally): void {
    const topic = topicName(watcher)
    for (const [event, count] of tally.events(topic)) this.#metrics.events.inc({ watcher, event }, count)
    for (const { labels, count } of tally.exits(topic)) this.#metrics.exits.inc({ watcher, ...labels }, count)
  }

  #setSocket({ name: socket, queue, queue_limit, queue_bytes, reads }: ListedSocket): void {
    if (queue !== undefined) this.#metrics.queue.set({ socket }, queue)
    if (queue_limit !== undefined) this.#metrics.queueLimit.set({ socket }, queue_limit)
    if (queue_bytes !== undefined) this.#metrics.queueBytes.set({ socket }, queue_bytes)
    if (reads !== undefined) this.#metrics.reads.inc({ socket }, reads)
  }
}

/** The name a watcher has in topics. */
const topicName = (watcher: string): string => watcher.toLowerCase().replaceAll(' ', '_')

const living = (infos: Readonly<Record<string, ListedInfo | string>>): ListedInfo[] =>
  Object.values(infos).filter((info) => typeof info !== 'string')

const numberOr = (value: unknown, fallback: number): number => (typeof value === 'number' ? value : fallback)

const sum = (processes: readonly ListedInfo[], of: (process: ListedInfo) => number): number =>
  processes.reduce((total, process) => total + of(process), 0)

/** With all that descends from it, where the daemon tells that. */
const memoryOf = ({ tree, rss }: ListedInfo): number => (typeof tree === 'object' ? tree.rss : numberOr(rss, 0))

const descriptorsOf = ({ fds, children }: ListedInfo): number =>
  children.reduce((total, child) => total + numberOr(child.fds, 0), numberOr(fds, 0))
