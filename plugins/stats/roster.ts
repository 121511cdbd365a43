import type { Circus, PluginEvent, SurveyTarget } from '../../core/plugin.ts'

/** A process of a watcher. What a daemon does not tell, an original one say, is absent. */
export interface ListedProcess extends SurveyTarget {
  readonly wid?: number
  /** Unix seconds. */
  readonly started?: number
  readonly restarts?: number
}

/** A watcher, by the name it has in topics. */
export interface ListedWatcher extends WatcherNumbers {
  readonly processes: Map<number, ListedProcess>
}

/** What a daemon tells of a watcher; absent where it does not. */
export interface WatcherNumbers {
  readonly restarts?: number
  /** How many processes it is to have. */
  readonly numprocesses?: number
}

/** What is asked of the daemon now and then, in case an event was lost: every so many milliseconds. */
const ASK_AGAIN_MS = 60_000

/** What the original calls its own processes. Those of a plugin in a process of its own have a watcher here. */
const helpers: ReadonlyMap<string, string> = new Map([
  ['circusd-stats', 'circusd-stats'],
  ['plugin:stats', 'circusd-stats'],
  ['circushttpd', 'circushttpd'],
  ['plugin:httpd', 'circushttpd'],
])

interface ListReply {
  readonly watchers: readonly string[]
  readonly processes?: Readonly<Record<string, WatcherNumbers & { readonly processes: readonly Told[] }>>
}

interface Told {
  readonly pid: number
  readonly wid: number
  readonly started: number
  readonly start_time: number | null
  readonly restarts: number
}

/** Which processes a daemon has: asked for once, and followed by its events. */
export class Roster {
  readonly #circus: Circus
  #watchers: Map<string, ListedWatcher> = new Map()
  /** The daemon and its helpers: what each is called, by pid. */
  #own = new Map<number, string>()
  /** The daemon that was asked last. */
  #daemon: number | undefined
  readonly #onNewDaemon: () => void
  #askedAt = Number.NEGATIVE_INFINITY
  #asking: Promise<void> | undefined
  /** Whether the daemon knows more than events tell. */
  #tellsMore = false
  /** Events that came while the daemon was being asked: they may be news to its answer. */
  #meanwhile: PluginEvent[] | undefined

  /** @param onNewDaemon Called when another daemon answers than before. */
  constructor(circus: Circus, onNewDaemon: () => void) {
    this.#circus = circus
    this.#onNewDaemon = onNewDaemon
    for (const event of ['spawn', 'reap', 'add', 'remove', 'updated']) circus.on(event, (told) => this.#hear(told))
  }

  /** By name. */
  get watchers(): ReadonlyMap<string, ListedWatcher> {
    return this.#watchers
  }

  /** The daemon and its helpers: what each is called, by pid. */
  get own(): ReadonlyMap<number, string> {
    return this.#own
  }

  /**
   * Ask the daemon if that is due and not being done. Rejects when it does not answer; what was known before still holds
   * then, and until then.
   */
  async refresh(): Promise<void> {
    const isDue = performance.now() - this.#askedAt >= ASK_AGAIN_MS || this.#isDaemonGone
    if (isDue) this.#asking ??= this.#askAll().finally(() => (this.#asking = undefined))
    await this.#asking
  }

  /** Its successor does not tell of itself what came before somebody listened. */
  get #isDaemonGone(): boolean {
    return this.#daemon !== undefined && !exists(this.#daemon)
  }

  async #askAll(): Promise<void> {
    this.#meanwhile = []
    try {
      const { watchers, own } = await this.#ask()
      this.#watchers = watchers
      this.#own = own
      const isOld = this.#tellsMore && this.#meanwhile.some(tellsLess)
      this.#askedAt = isOld ? Number.NEGATIVE_INFINITY : performance.now()
      for (const event of this.#meanwhile) this.#apply(event)
    } finally {
      this.#meanwhile = undefined
    }
  }

  async #ask(): Promise<{ watchers: Map<string, ListedWatcher>; own: Map<number, string> }> {
    const reply = (await this.#circus.call('list', { processes: true })) as unknown as ListReply
    const { info } = await this.#circus.call<{ info?: { pid?: number } }>('dstats')
    const own = new Map<number, string>()
    if (info?.pid !== undefined) {
      own.set(info.pid, 'circusd')
      if (this.#daemon !== undefined && this.#daemon !== info.pid) this.#onNewDaemon()
      this.#daemon = info.pid
    }
    if (this.#circus.isolated) own.set(process.pid, 'circusd-stats')
    const watchers = new Map<string, ListedWatcher>()
    this.#tellsMore = reply.processes !== undefined
    for (const name of reply.watchers) {
      const { processes, ...numbers } = reply.processes?.[name] ?? (await this.#askOriginal(name))
      const helper = helpers.get(name)
      if (helper !== undefined) for (const { pid } of processes) own.set(pid, helper)
      else watchers.set(topicName(name), { ...numbers, processes: byPid(processes) })
    }
    return { watchers, own }
  }

  async #askOriginal(name: string): Promise<WatcherNumbers & { processes: ListedProcess[] }> {
    const { pids } = await this.#circus.call<{ pids: number[] }>('list', { name })
    return { processes: pids.map((pid) => ({ pid, startTime: null })) }
  }

  #hear(event: PluginEvent): void {
    this.#meanwhile?.push(event)
    this.#apply(event)
    if (this.#tellsMore && tellsLess(event)) this.#askedAt = Number.NEGATIVE_INFINITY
  }

  #apply({ watcher, event, process_pid }: PluginEvent): void {
    const pid = Number(process_pid)
    const helper = helpers.get(watcher)
    switch (event) {
      case 'spawn':
        if (helper !== undefined) this.#own.set(pid, helper)
        else if (!this.#watchers.get(watcher)?.processes.has(pid)) {
          this.#listed(watcher).processes.set(pid, { pid, startTime: null })
        }
        return
      case 'reap':
        this.#watchers.get(watcher)?.processes.delete(pid)
        this.#own.delete(pid)
        return
      case 'add':
        if (helper === undefined) this.#listed(watcher)
        return
      case 'remove':
        this.#watchers.delete(watcher)
        return
    }
  }

  #listed(name: string): ListedWatcher {
    const known = this.#watchers.get(name)
    if (known) return known
    const added: ListedWatcher = { processes: new Map() }
    this.#watchers.set(name, added)
    return added
  }
}

/** Of a process that began its place and its start are not in the event; of a change not what has changed. */
const tellsLess = ({ event }: PluginEvent): boolean => event === 'spawn' || event === 'updated'

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

const byPid = (processes: readonly (Told | ListedProcess)[]): Map<number, ListedProcess> =>
  new Map(processes.map((each) => [each.pid, 'wid' in each && 'start_time' in each ? listed(each) : each]))

const listed = ({ start_time, ...rest }: Told): ListedProcess => ({ ...rest, startTime: start_time })

/** As events name it, and so the topics. */
const topicName = (watcher: string): string => watcher.toLowerCase().replaceAll(' ', '_')
