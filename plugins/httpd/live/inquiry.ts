import { type Circus, maskSecrets, ReplyError } from '../../../core/plugin.ts'
import type {
  CommandDescription,
  DaemonState,
  PanelState,
  PluginState,
  ProcessState,
  SocketState,
  WatcherState,
} from '../api.ts'
import {
  bytes,
  type Fields,
  fieldsOf,
  number,
  percent,
  readProcesses,
  readSockets,
  readWatcher,
  text,
} from './readings.ts'

/** What a watcher uses now. */
interface Figures {
  readonly cpu: number | undefined
  readonly rssBytes: number | undefined
}

/** What does not change by the second is asked for so often, in milliseconds. */
const slowMs = 5_000

/**
 * Asks a daemon, this one or an original one, for what pages show. All of it rejects when the daemon does not answer;
 * what it does not know is absent.
 */
export class Inquiry {
  readonly #circus: Circus
  readonly #unknown = new Set<string>()
  #remembers = false
  #slowAt = Number.NEGATIVE_INFINITY
  #slow: Partial<DaemonState> = {}
  #plugins: Readonly<Record<string, PluginState>> = {}
  #panels: Readonly<Record<string, PanelState>> = {}
  readonly #reads = new Map<string, { readonly reads: number; readonly at: number }>()

  constructor(circus: Circus) {
    this.#circus = circus
  }

  /** Everything may be different: another daemon may be there. */
  forget(): void {
    this.#unknown.clear()
    this.#reads.clear()
    this.#slowAt = Number.NEGATIVE_INFINITY
  }

  async daemon(): Promise<DaemonState> {
    if (performance.now() - this.#slowAt > slowMs) await this.#askSlow()
    const info = fieldsOf((await this.#ifAnswered('dstats'))?.['info'])
    return {
      up: true,
      endpoint: '',
      pid: number(info['pid']),
      startedAt: number(info['create_time']),
      ...this.#slow,
      cpu: percent(info['cpu']),
      rssBytes: bytes(info['rss']),
      history: this.#remembers,
    }
  }

  get plugins(): Readonly<Record<string, PluginState>> {
    return this.#plugins
  }

  get panels(): Readonly<Record<string, PanelState>> {
    return this.#panels
  }

  async sockets(): Promise<Readonly<Record<string, SocketState>>> {
    const reply = await this.#ifAnswered('listsockets', { reads: true })
    const now = performance.now()
    return readSockets(reply?.['sockets'], (name, reads) => {
      if (reads === undefined) return undefined
      const before = this.#reads.get(name)
      if (before && now - before.at < 500) return undefined
      this.#reads.set(name, { reads, at: now })
      return before && Math.max(0, Math.round(((reads - before.reads) * 1_000) / (now - before.at)))
    })
  }

  /** All watchers, without their processes. */
  async watchers(): Promise<Readonly<Record<string, WatcherState>>> {
    const reply = await this.#ifAnswered('describe', { brief: true })
    if (reply) {
      // What a process wrote last may be anything.
      const watchers = Object.entries(fieldsOf(maskSecrets(reply['watchers'])))
      return Object.fromEntries(watchers.map(([name, told]) => [name, readWatcher(name, fieldsOf(told))]))
    }
    const [{ statuses }, stats] = await Promise.all([this.#circus.call('status'), this.#ifAnswered('stats')])
    const infos = fieldsOf(stats?.['infos'])
    return Object.fromEntries(
      Object.entries(fieldsOf(statuses)).map(([name, status]) => [
        name,
        readWatcher(name, { status, processes: Object.values(fieldsOf(infos[name])) }),
      ]),
    )
  }

  /** What the watchers use, by their names in lower case. */
  async figures(): Promise<ReadonlyMap<string, Figures>> {
    const reply = await this.#ifAnswered('history', { step: 'second', points: 3 })
    this.#remembers = reply !== undefined
    if (reply) {
      const watchers = Object.entries(fieldsOf(reply['watchers'])).map(([name, told]) => {
        const { cpu, rss } = fieldsOf(told)
        return [keyOf(name), { cpu: percent(latest(cpu)), rssBytes: bytes(latest(rss)) }] as const
      })
      return new Map(watchers)
    }
    const stats = await this.#ifAnswered('stats')
    return new Map(
      Object.entries(fieldsOf(stats?.['infos'])).map(([name, infos]) => {
        const processes = Object.values(readProcesses(infos))
        const sum = (field: 'cpu' | 'rssBytes') => processes.reduce((total, each) => total + (each[field] ?? 0), 0)
        return [keyOf(name), { cpu: percent(sum('cpu')), rssBytes: sum('rssBytes') }]
      }),
    )
  }

  /** The processes of one watcher with all that descends from them; `undefined` when it is not there. */
  async processes(name: string): Promise<Readonly<Record<string, ProcessState>> | undefined> {
    const reply = await this.#ifAnswered('describe', { name })
    if (reply) return readProcesses(fieldsOf(Object.values(fieldsOf(reply['watchers']))[0])['processes'])
    const stats = await this.#ifAnswered('stats', { name })
    return stats && readProcesses(stats['info'])
  }

  async #askSlow(): Promise<void> {
    const [daemon, plugins, commands, global] = await Promise.all([
      this.#ifAnswered('daemon'),
      this.#ifAnswered('plugins'),
      this.#ifAnswered('commands'),
      this.#circus.call('globaloptions'),
    ])
    // A plugin with the command may have come.
    this.#unknown.delete('history')
    this.#slow = {
      endpoint: text(fieldsOf(global['options'])['endpoint']) ?? '',
      ...(daemon && {
        version: text(daemon['version']),
        startedAt: number(daemon['started']),
        file: text(daemon['file']),
      }),
    }
    this.#plugins = Object.fromEntries(
      listOf(plugins?.['plugins']).map((told) => {
        const fields = fieldsOf(told)
        return [text(fields['name']) ?? '', readPlugin(fields)]
      }),
    )
    this.#panels = panelsOf(fieldsOf(commands?.['commands']) as Readonly<Record<string, CommandDescription>>)
    this.#slowAt = performance.now()
  }

  /** Whether the daemon has answered `history` lately. */
  get remembers(): boolean {
    return this.#remembers
  }

  /** A reply, or `undefined` where the daemon does not know the command or refuses. */
  async #ifAnswered(command: string, properties: Fields = {}): Promise<Fields | undefined> {
    if (this.#unknown.has(command)) return undefined
    try {
      return await this.#circus.call(command, properties)
    } catch (error) {
      const { code, errno } = error as { code?: string; errno?: number }
      const isUnknown = errno === 2
      if (isUnknown) this.#unknown.add(command)
      if (error instanceof ReplyError || isUnknown || code?.startsWith('ERR_WATCHER')) return undefined
      throw error
    }
  }
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** Topics and replies have the names of watchers in different forms. */
export const keyOf = (name: string): string => name.toLowerCase().replaceAll(' ', '_')

/** The second that is under way may not have been looked at yet. */
const latest = (values: unknown): unknown =>
  Array.isArray(values) ? values.findLast((value) => value !== null) : undefined

const panelsOf = (commands: Readonly<Record<string, CommandDescription>>) =>
  Object.fromEntries(
    Object.entries(commands).flatMap(([name, { panel: title, summary, role }]) =>
      title === undefined ? [] : [[name, { title, summary, role } satisfies PanelState]],
    ),
  )

function readPlugin(told: Fields): PluginState {
  const { commands } = told
  return {
    use: text(told['use']) ?? '',
    summary: text(told['summary']),
    isolated: told['isolated'] === true,
    running: told['state'] === 'running',
    failures: number(told['failures']) ?? 0,
    ...(Array.isArray(commands) && commands.length > 0 && { commands: commands.map(String) }),
  }
}
