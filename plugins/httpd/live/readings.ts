import type { Exit, ProcessState, SocketState, Status, WatcherState } from '../api.ts'

/** What a reply holds, before it was looked at: an original daemon tells less. */
export type Fields = Readonly<Record<string, unknown>>

export const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}

/** A number, or `undefined` for whatever is none: null, `N/A`. */
export const number = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined

export const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

/** A tenth of a percent, and 64 KiB, are as much as anybody sees: what is less would be sent each second. */
export const percent = (value: unknown): number | undefined => rounded(value, 0.1)
export const bytes = (value: unknown): number | undefined => rounded(value, 65_536)

function rounded(value: unknown, step: number): number | undefined {
  const known = number(value)
  return known === undefined ? undefined : Number((Math.round(known / step) * step).toFixed(1))
}

/** A watcher of `describe`. */
export function readWatcher(name: string, told: Fields): WatcherState {
  const [last] = Array.isArray(told['exits']) ? told['exits'] : []
  const processes = Array.isArray(told['processes']) ? told['processes'] : []
  return {
    status: (text(told['status']) ?? 'stopped') as Status,
    reason: text(told['reason']),
    wanted: number(told['numprocesses']) ?? processes.length,
    alive: processes.length,
    restarts: number(told['restarts']),
    startedAt: number(told['started']),
    lastExit: last && readExit(fieldsOf(last)),
    pauseUntil: number(fieldsOf(told['pause'])['until']),
    singleton: told['singleton'] === true,
    priority: number(told['priority']) ?? 0,
    ...(name.startsWith('plugin:') && { plugin: true }),
  }
}

function readExit(exit: Fields): Exit {
  const { lines, expected } = exit
  return {
    pid: number(exit['pid']) ?? 0,
    wid: number(exit['wid']) ?? 0,
    time: number(exit['time']) ?? 0,
    age: number(exit['age']),
    exitCode: number(exit['exit_code']),
    signal: text(exit['signal']),
    expected: expected === true,
    ...(Array.isArray(lines) && lines.length > 0 && { lines: lines.map(String) }),
  }
}

/** Processes of `describe` or `stats`, by pid. What is only a text in there is gone. */
export function readProcesses(told: unknown): Record<string, ProcessState> {
  const processes = Object.values(Array.isArray(told) ? told : fieldsOf(told)).map(fieldsOf)
  return Object.fromEntries(
    processes.flatMap((process) => {
      const pid = number(process['pid'])
      return pid === undefined ? [] : [[String(pid), readProcess(pid, process)] as const]
    }),
  )
}

function readProcess(pid: number, told: Fields): ProcessState {
  const children = readProcesses(told['children'])
  return {
    pid,
    wid: number(told['wid']),
    command: text(told['cmdline']),
    user: text(told['username']),
    cpu: percent(told['cpu']),
    rssBytes: bytes(told['rss']) ?? bytes(memory(told['mem_info1'])),
    startedAt: number(told['create_time']) ?? number(told['started']),
    fds: number(told['fds']),
    threads: number(told['threads']),
    restarts: number(told['restarts']),
    ...(Object.keys(children).length > 0 && { children }),
  }
}

/** The original tells memory as text: `1.47M`. */
function memory(told: unknown): number | undefined {
  const [, value, unit = ''] = /^([\d.]+)([BKMGT]?)$/.exec(String(told)) ?? []
  return value === undefined ? undefined : Number(value) * 1024 ** Math.max(0, 'BKMGT'.indexOf(unit || 'B'))
}

/** Sockets of `listsockets`, by name. `hits` tells how often somebody waited there within the last second. */
export function readSockets(
  told: unknown,
  hits: (name: string, reads: number | undefined) => number | undefined,
): Record<string, SocketState> {
  const sockets = Object.values(Array.isArray(told) ? told : {}).map(fieldsOf)
  return Object.fromEntries(
    sockets.map((socket) => {
      const name = text(socket['name']) ?? `fd ${socket['fd']}`
      const { watchers } = socket
      const state: SocketState = {
        address: text(socket['path']) ?? `${socket['host']}:${socket['port']}`,
        fd: number(socket['fd']),
        queue: number(socket['queue']) ?? number(socket['queue_bytes']),
        limit: number(socket['queue_limit']),
        hits: hits(name, number(socket['reads'])),
        watchers: Array.isArray(watchers) ? watchers.map(String) : [],
      }
      return [name, state]
    }),
  )
}
