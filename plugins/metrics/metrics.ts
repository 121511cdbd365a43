import type { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Daemon } from './survey.ts'

type PromClient = typeof import('prom-client')

/** All metrics by what they are of, in a registry of their own. Names and units as Prometheus wants them. */
export function createMetrics(prom: PromClient, registry: Registry) {
  const common = { registers: [registry] }
  const gauge = <L extends string = never>(name: string, help: string, labelNames: readonly L[] = []): Gauge<L> =>
    new prom.Gauge({ name: `circusd_${name}`, help, labelNames, ...common })
  const counter = <L extends string = never>(name: string, help: string, labelNames: readonly L[] = []): Counter<L> =>
    new prom.Counter({ name: `circusd_${name}`, help, labelNames, ...common })
  const loopDelay = new GivenHistogram('circusd_event_loop_delay_seconds', 'How late the event loop of the daemon was.')
  const metrics = {
    info: gauge('info', 'The daemon: always 1.', ['version', 'node']),
    uptime: gauge('uptime_seconds', 'How long the daemon runs.'),
    cpu: counter('cpu_seconds_total', 'Processor time of the daemon, without its processes.'),
    memory: gauge('resident_memory_bytes', 'Resident memory of the daemon.'),
    descriptors: gauge('open_fds', 'Open file descriptors of the daemon.'),
    status: gauge('watcher_status', 'Whether the watcher has this status.', ['watcher', 'status']),
    wanted: gauge('watcher_processes_wanted', 'Processes the watcher is to have.', ['watcher']),
    alive: gauge('watcher_processes', 'Processes of the watcher that live.', ['watcher']),
    restarts: counter('watcher_restarts_total', 'Processes that were replaced, by why.', ['watcher', 'reason']),
    exits: counter('watcher_exits_total', 'Processes that have ended, by exit status or signal; expected: asked to.', [
      'watcher',
      'code',
      'signal',
      'expected',
    ]),
    watcherCpu: counter(
      'watcher_cpu_seconds_total',
      'Processor time of the processes and all that descends from them.',
      ['watcher'],
    ),
    watcherMemory: gauge('watcher_resident_memory_bytes', 'Resident memory of the processes and their descendants.', [
      'watcher',
    ]),
    watcherDescriptors: gauge('watcher_open_fds', 'Open file descriptors of the processes and their children.', [
      'watcher',
    ]),
    watcherUptime: gauge('watcher_uptime_seconds', 'Age of the oldest process.', ['watcher']),
    events: counter('events_total', 'Events that were published.', ['watcher', 'event']),
    queue: gauge('socket_queue_connections', 'Connections nobody has accepted yet.', ['socket']),
    queueLimit: gauge('socket_queue_limit_connections', 'How many of these there can be.', ['socket']),
    queueBytes: gauge('socket_queue_bytes', 'Bytes of datagrams nobody has read yet.', ['socket']),
    reads: counter('socket_reads_total', 'Looks, a hundred in a second, at which somebody waited.', ['socket']),
  }
  registry.registerMetric(loopDelay as unknown as Histogram)
  return { ...metrics, loopDelay }
}

export type Metrics = ReturnType<typeof createMetrics>

type Delays = NonNullable<Daemon['loop_delay']>

/** A histogram that somebody else counts: one of prom-client has to be told each value. */
class GivenHistogram {
  readonly name: string
  readonly help: string
  #given: Delays | undefined

  constructor(name: string, help: string) {
    this.name = name
    this.help = help
  }

  reset(): void {
    this.#given = undefined
  }

  set(delays: Delays | undefined): void {
    this.#given = delays
  }

  /** For the registry. */
  async get() {
    const { name, help } = this
    return { name, help, type: 'histogram', values: this.#given ? this.#values(this.#given) : [] }
  }

  #values({ count, sum, buckets }: Delays) {
    const all = [...buckets, ['+Inf', count] as const]
    return [
      ...all.map(([le, value]) => ({ metricName: `${this.name}_bucket`, labels: { le }, value })),
      { metricName: `${this.name}_sum`, labels: {}, value: sum },
      { metricName: `${this.name}_count`, labels: {}, value: count },
    ]
  }
}
