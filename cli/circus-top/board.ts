import type { WatcherView } from '../circusctl/watcher-view.ts'
import { type Figures, fieldsOf, number, readAll, readFigures, sumOf } from './figures.ts'
import type { SocketReading, Told, WatcherRest } from './message.ts'

/** A process as it was last seen. */
export interface ProcessReading extends Figures {
  /** Bytes a second, between the last two looks. */
  readonly readRate?: number | undefined
  readonly writeRate?: number | undefined
}

/** A watcher as it was last seen. */
export interface WatcherReading extends WatcherRest {
  readonly name: string
  readonly status?: string | undefined
  /** Why it is stopped though nobody stopped it. */
  readonly reason?: string | undefined
  readonly processes: readonly ProcessReading[]
  /** The processor time of all its processes in percent, one figure a second, the newest last; a minute at most. */
  readonly minute: readonly (number | undefined)[]
}

/** All that is known at one moment. */
export interface Snapshot {
  /** The processes were not told of yet. @default false */
  readonly isPartial?: boolean
  readonly watchers: readonly WatcherReading[]
  /** The daemon and what it runs for itself. */
  readonly helpers: readonly ProcessReading[]
  readonly sockets: readonly SocketReading[]
}

interface Kept {
  reading: ProcessReading
  heardAt: number
  /** When the channel told of it. */
  toldAt?: number | undefined
}

interface KeptWatcher {
  name: string
  status?: string | undefined
  reason?: string | undefined
  rest: WatcherRest
  readonly processes: Map<number, Kept>
  readonly minute: (number | undefined)[]
}

/** How many figures make the minute. */
const minuteSeconds = 60

/**
 * What is known of a daemon's processes, put together from what its channels and replies tell. Times are milliseconds of
 * one clock, whichever. Nothing of a process stays when it is gone.
 */
export class Board {
  readonly #watchers = new Map<string, KeptWatcher>()
  readonly #helpers = new Map<number, Kept>()
  #sockets = new Map<string, SocketReading>()
  readonly #timeoutMs: number
  #intervalMs = 1_000
  #isPartial = true

  /** @param timeoutMs Forget processes of which nothing was heard for so long, or for two and a half of the channel's intervals. */
  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs
  }

  /** How far apart the channel's messages about the same process are, in milliseconds. */
  get intervalMs(): number {
    return this.#intervalMs
  }

  /** Take in a message of the channel. */
  take(told: Told, at: number): void {
    this.#isPartial &&= told.id !== 'process' && told.id !== 'watcher' && told.id !== 'helpers'
    switch (told.id) {
      case 'process':
        this.#keep(this.#watcher(told.watcher).processes, told.figures, at, at)
        break
      case 'helper': {
        const watcher = this.#watcherOf(told.figures.role)
        if (watcher) this.#helpers.delete(told.figures.pid)
        this.#keep(watcher?.processes ?? this.#helpers, told.figures, at, at)
        break
      }
      case 'watcher': {
        const watcher = this.#watcher(told.watcher)
        // How many it should have may have changed since the daemon was asked.
        watcher.rest = { restarts: told.rest.restarts ?? watcher.rest.restarts, wanted: told.rest.wanted }
        keepOnly(watcher.processes, told.pids)
        break
      }
      case 'helpers':
        keepOnly(this.#helpers, told.pids)
        for (const role of helperWatchers.keys()) {
          const watcher = this.#watcherOf(role)
          if (watcher) keepOnly(watcher.processes, told.pids)
        }
        break
      case 'socket':
        this.#takeSocket(told.socket)
        break
      default:
        told satisfies never
    }
  }

  /** Take in what the daemon answered about all its watchers: there are no others. */
  takeWatchers(views: readonly WatcherView[], at: number): void {
    this.#isPartial = false
    this.takeStatuses(Object.fromEntries(views.map(({ name, status }) => [name, status])))
    for (const view of views) {
      const watcher = this.#watcher(view.name)
      watcher.reason = view.reason ?? undefined
      watcher.rest = { restarts: number(view.restarts), wanted: number(view.numprocesses) }
      const processes = readAll(view.processes)
      keepOnly(
        watcher.processes,
        processes.map(({ pid }) => pid),
      )
      for (const figures of processes) this.#keep(watcher.processes, figures, at)
    }
  }

  /** Take in which watchers there are, and what each is at. */
  takeStatuses(statuses: Readonly<Record<string, unknown>>): void {
    const names = new Set(Object.keys(statuses).map(keyOf))
    for (const [key, { processes }] of this.#watchers) {
      if (!names.has(key) && processes.size === 0) this.#watchers.delete(key)
    }
    for (const [name, status] of Object.entries(statuses)) {
      const watcher = this.#watcher(name)
      watcher.name = name
      watcher.status = String(status)
      if (watcher.status === 'active') watcher.reason = undefined
    }
  }

  /** Take in why a watcher is stopped. */
  takeReason(name: string, reason: string | undefined): void {
    const watcher = this.#watchers.get(keyOf(name))
    if (watcher) watcher.reason = reason
  }

  /**
   * Take in the sockets that the daemon has: there are no others.
   *
   * @param keepHits Somebody else tells those.
   */
  takeSockets(sockets: readonly SocketReading[], keepHits: boolean): void {
    const before = this.#sockets
    this.#sockets = new Map()
    for (const socket of sockets) {
      const known = before.get(keyOfSocket(socket))
      this.#sockets.set(keyOfSocket(socket), { ...socket, hits: keepHits ? known?.hits : undefined })
    }
  }

  /** Take in what the daemon itself uses. */
  takeDaemon(info: unknown, at: number): void {
    const figures = readFigures(info)
    if (!figures) return
    keepOnly(this.#helpers, [figures.pid])
    this.#keep(this.#helpers, { ...figures, role: 'circusd' }, at)
  }

  /** Take in the children of a watcher's processes, where the channel leaves them out. */
  takeChildren(name: string, infos: unknown): void {
    const { processes } = this.#watcher(name)
    for (const { pid, children } of readAll(infos)) {
      const kept = processes.get(pid)
      if (kept) kept.reading = { ...kept.reading, children }
    }
  }

  /** Take in what the last minute was like before anybody looked: `cpu` by the second, the newest last. */
  takeMinutes(watchers: unknown): void {
    for (const [name, past] of Object.entries(fieldsOf(watchers))) {
      const { cpu } = fieldsOf(past)
      const watcher = this.#watchers.get(keyOf(name))
      if (watcher && Array.isArray(cpu)) {
        watcher.minute.splice(0, Number.POSITIVE_INFINITY, ...cpu.slice(-minuteSeconds).map(number))
      }
    }
  }

  /** Forget what was not heard of for too long. */
  expire(at: number): void {
    const timeoutMs = Math.max(this.#timeoutMs, this.#intervalMs * 2.5)
    const all = [this.#helpers, ...[...this.#watchers.values()].map(({ processes }) => processes)]
    for (const processes of all) {
      for (const [pid, { heardAt }] of processes) if (at - heardAt > timeoutMs) processes.delete(pid)
    }
  }

  /** Note the processor time of this second. `blind`: nothing is known of it. */
  sample(blind = false): void {
    for (const { processes, minute, status } of this.#watchers.values()) {
      const cpu = sumOf([...processes.values()].map(({ reading }) => reading.cpu))
      const idle = processes.size === 0 && status === 'stopped' ? 0 : undefined
      minute.push(blind ? undefined : (cpu ?? idle))
      if (minute.length > minuteSeconds) minute.shift()
    }
  }

  /** Forget all but the minutes: another daemon may be there now. */
  clear(): void {
    this.#helpers.clear()
    for (const { processes } of this.#watchers.values()) processes.clear()
  }

  /** All of it, as it is now. */
  snapshot(): Snapshot {
    const watchers = [...this.#watchers.values()].map(({ name, status, reason, rest, processes, minute }) => ({
      ...rest,
      name,
      status,
      reason,
      processes: readingsIn(processes),
      minute: [...minute],
    }))
    const sockets = [...this.#sockets.values()]
    return { isPartial: this.#isPartial, watchers, helpers: readingsIn(this.#helpers), sockets }
  }

  #watcher(name: string): KeptWatcher {
    const key = keyOf(name)
    const known = this.#watchers.get(key)
    if (known) return known
    const watcher: KeptWatcher = { name, rest: {}, processes: new Map(), minute: [] }
    this.#watchers.set(key, watcher)
    return watcher
  }

  /** That of a helper of the daemon, where it is one of its watchers as well: there it can be acted on. */
  #watcherOf(role: string | undefined): KeptWatcher | undefined {
    for (const name of helperWatchers.get(role ?? '') ?? []) {
      const watcher = this.#watchers.get(name)
      if (watcher?.status !== undefined) return watcher
    }
    return undefined
  }

  #keep(processes: Map<number, Kept>, figures: Figures, at: number, toldAt?: number): void {
    const before = processes.get(figures.pid)
    // The pid may be another's by now: the clock of `age` is coarse, that of `create_time` is not.
    const isSame = before !== undefined && before.reading.createdAt === figures.createdAt
    const seconds = isSame ? (at - before.heardAt) / 1_000 : 0
    const children = figures.children.length > 0 || !isSame ? figures.children : before.reading.children
    const reading = {
      ...figures,
      children,
      readRate: rate(before?.reading.readBytes, figures.readBytes, seconds),
      writeRate: rate(before?.reading.writtenBytes, figures.writtenBytes, seconds),
    }
    processes.set(figures.pid, { reading, heardAt: at, toldAt })
    const interval = toldAt === undefined || before?.toldAt === undefined ? 0 : toldAt - before.toldAt
    if (isSame && interval > 50) this.#intervalMs = Math.min(interval, 60_000)
  }

  #takeSocket(socket: SocketReading): void {
    const known = this.#sockets.get(keyOfSocket(socket))
    const told = Object.fromEntries(Object.entries(socket).filter(([, value]) => value !== undefined))
    this.#sockets.set(keyOfSocket(socket), { ...known, fd: socket.fd, ...told })
  }
}

/** Which watchers run what the channel tells of as helpers: the original's, and a plugin's in a process of its own. */
const helperWatchers: ReadonlyMap<string, readonly string[]> = new Map([
  ['circusd-stats', ['circusd-stats', 'plugin:stats']],
  ['circushttpd', ['circushttpd', 'plugin:httpd']],
])

/** Topics have the names of watchers in lower case, with `_` for blanks. */
const keyOf = (name: string) => name.toLowerCase().replaceAll(' ', '_')

const keyOfSocket = ({ fd, name, address }: SocketReading) => String(fd ?? name ?? address)

const readingsIn = (processes: ReadonlyMap<number, Kept>) => [...processes.values()].map(({ reading }) => reading)

function keepOnly(processes: Map<number, Kept>, pids: readonly number[]): void {
  const listed = new Set(pids)
  for (const pid of processes.keys()) if (!listed.has(pid)) processes.delete(pid)
}

function rate(before: number | undefined, now: number | undefined, seconds: number): number | undefined {
  return before === undefined || now === undefined || seconds <= 0 ? undefined : Math.max(0, now - before) / seconds
}
