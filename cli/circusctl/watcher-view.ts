import { ReplyError } from '../../core/client.ts'
import type { Reply } from './command.ts'
import type { Daemon } from './daemon.ts'
import type { ProcessInfo } from './infos.ts'

/** The end of a process. */
export interface PastExit {
  readonly pid: number
  readonly time: number
  /** Seconds it lived. */
  readonly age: number
  readonly exit_code: number | null
  readonly signal: string | null
  readonly expected: boolean
  /** The last lines it wrote, unless it was stopped on purpose. */
  readonly lines?: readonly string[]
}

/** What a daemon tells of a watcher. What an original daemon does not know is absent. */
export interface WatcherView {
  readonly name: string
  readonly status: string
  /** Why it is stopped though nobody stopped it. */
  readonly reason?: string | null
  /** Processes it should have. */
  readonly numprocesses?: number
  readonly priority?: number
  readonly restarts?: number
  /** The last restart or reload that a program made by itself. */
  readonly renewal?: { readonly time: number; readonly reason: string } | null
  /** Unix seconds when it became active. */
  readonly started?: number | null
  /** Unix seconds when the next process is tried. */
  readonly pause?: { readonly until: number; readonly seconds: number } | null
  /** The last ends, the newest first. */
  readonly exits?: readonly PastExit[]
  readonly processes: readonly ProcessInfo[]
  readonly options?: Readonly<Record<string, DescribedOption>>
}

/** An option's value and where it was set; nowhere: it is the default. */
export interface DescribedOption {
  readonly value: unknown
  readonly file: string | null
  readonly line: number | null
}

/** Watchers as a daemon sees them at one moment. */
export interface View {
  /** By name, sorted. */
  readonly watchers: readonly WatcherView[]
  /** The daemon's clock, Unix seconds. */
  readonly now: number
}

/** Look at all watchers of a daemon, or at one. Rejects like `Daemon.call`. */
export async function viewOf(daemon: Daemon, name?: string): Promise<View> {
  try {
    const reply = await daemon.call('describe', { name })
    return { watchers: viewsIn(reply), now: Number(reply.time) }
  } catch (error) {
    if (!isUnknownCommand(error)) throw error
    return viewOfOriginal(daemon, name)
  }
}

/** The watchers in a reply of `describe`, by name, sorted. */
export function viewsIn({ watchers }: Reply): WatcherView[] {
  const views = Object.entries(Object(watchers) as Record<string, Omit<WatcherView, 'name'>>)
  return views.map(([key, view]) => ({ ...view, name: key, reason: reasonIn(key, view) })).sort(byName)
}

/** Whether a daemon answered that it does not know the command: an original one, or an older one of ours. */
function isUnknownCommand(error: unknown): boolean {
  return error instanceof ReplyError && error.errno === 2
}

async function viewOfOriginal(daemon: Daemon, name: string | undefined): Promise<View> {
  if (name !== undefined) {
    const [{ status, time }, { info }] = await Promise.all([
      daemon.call('status', { name }),
      daemon.call('stats', { name }),
    ])
    return { watchers: [{ name, status: String(status), processes: processesOf(info) }], now: Number(time) }
  }
  const [{ statuses, time }, { infos }] = await Promise.all([daemon.call('status'), daemon.call('stats')])
  const processes = Object(infos) as Reply
  const watchers = Object.entries(Object(statuses)).map(([key, status]) => ({
    name: key,
    status: String(status),
    processes: processesOf(processes[key]),
  }))
  return { watchers: watchers.sort(byName), now: Number(time) }
}

function processesOf(info: unknown): ProcessInfo[] {
  return Object.values(Object(info)).filter((process) => typeof process === 'object') as ProcessInfo[]
}

/** The reason without the watcher's name, which stands beside it. */
function reasonIn(name: string, { reason }: Pick<WatcherView, 'reason'>): string | null {
  return reason?.startsWith(`${name}: `) ? reason.slice(name.length + 2) : (reason ?? null)
}

const byName = (a: WatcherView, b: WatcherView) => (a.name < b.name ? -1 : 1)
