import { resolve } from 'node:path'
import { nearestName } from './nearest.ts'
import { problemMessage } from './problem.ts'
import type { Report } from './report.ts'
import { socketTable } from './socket-table.ts'
import type { NamedEntries } from './source.ts'
import { readTable } from './table.ts'
import type { SocketConfig, WatcherConfig, WatcherOptions } from './types.ts'

/** Resolve the `[socket:NAME]` sections. */
export function buildSockets(sockets: readonly NamedEntries[], report: Report): SocketConfig[] {
  const files = new Map<string, string>()
  return sockets.map(({ name, origin, entries }) => {
    const label = `socket:${name}`
    const { options, origins, rest, problems } = readTable(socketTable, entries)
    for (const { entry, problem } of problems) report.error(entry.origin, problemMessage(label, problem))
    for (const { name, value, origin } of rest) {
      const nearest = nearestName(name, Object.keys(socketTable))
      const advice = nearest ? undefined : 'it has no effect'
      report.warn(origin, problemMessage(label, { id: 'unknown', name, got: value, dotted: false, nearest, advice }))
    }
    if (name === '') report.error(origin, `[${label}]: a socket needs a name`)
    if (name.includes(':'))
      report.warn(origin, `[${label}]: LISTEN_FDNAMES has a colon between names: programs read two`)
    if (options.path !== null && options.family !== 'AF_UNIX' && origins['family']) {
      report.warn(origins['family'], `[${label}] family = ${options.family}: a socket with a path is AF_UNIX`)
    }
    if (options.path === null && options.family === 'AF_UNIX' && options.fd === null) {
      report.error(origins['family'] ?? origin, `[${label}] path: is missing; an AF_UNIX socket needs one`)
    }
    if (options.path !== null && options.fd === null) {
      const file = resolve(options.path)
      const other = files.get(file)
      // With `replace` the second would take it from the first, which nobody could reach any more.
      if (other !== undefined) report.error(origins['path']!, `[${label}] path: [socket:${other}] has the same`)
      files.set(file, name)
    }
    const family = options.path === null ? options.family : 'AF_UNIX'
    return { name: name.toLowerCase(), origin, options: { ...options, family }, origins }
  })
}

/**
 * The sockets that processes of a watcher inherit, by name: those that it lists in `sockets`, or else those that its
 * command names, or else all; none without `use_sockets`.
 */
export function socketsOf(
  { use_sockets, sockets, cmd, args, shell_args }: WatcherOptions,
  known: readonly string[],
): string[] {
  if (!use_sockets) return []
  const named = [cmd, args, shell_args].flatMap(references).map(([, socket]) => socket.toLowerCase())
  const wanted = new Set(sockets.length > 0 ? sockets : named)
  return known.filter((name) => wanted.size === 0 || wanted.has(name)).sort()
}

/** The sockets that a watcher cannot do without: it lists them, its command names them, or one is its standard input. */
export function neededSockets({ use_sockets, sockets, cmd, args, shell_args, stdin_socket }: WatcherOptions): string[] {
  const input = stdin_socket === null ? [] : [stdin_socket.toLowerCase()]
  if (!use_sockets) return input
  return [
    ...sockets,
    ...[cmd, args, shell_args].flatMap(references).map(([, socket]) => socket.toLowerCase()),
    ...input,
  ]
}

/** What watchers say about sockets: a `stdin_socket` that nobody declares would fail at each spawn. */
export function checkSocketUse(
  watchers: readonly WatcherConfig[],
  sockets: readonly SocketConfig[],
  report: Report,
): void {
  const known = sockets.map(({ name }) => name)
  const missing = (socket: string) => {
    const nearest = nearestName(socket, known)
    return `no such socket; ${nearest ? `did you mean ${nearest}?` : `add a section [socket:${socket}]`}`
  }
  for (const { name, options, origins } of watchers) {
    const { stdin_socket } = options
    if (stdin_socket !== null && !known.includes(stdin_socket.toLowerCase())) {
      report.error(
        origins['stdin_socket']!,
        `[watcher:${name}] stdin_socket = ${stdin_socket}: ${missing(stdin_socket)}`,
      )
    }
    for (const socket of options.sockets) {
      if (!known.includes(socket)) {
        report.error(
          origins['sockets']!,
          `[watcher:${name}] sockets = ${options.sockets.join(', ')}: ${socket}: ${missing(socket)}`,
        )
      }
    }
    for (const option of ['cmd', 'args', 'shell_args'] as const) {
      for (const [reference, socket] of references(options[option])) {
        const unknown = !known.includes(socket.toLowerCase())
        if (!unknown && options.use_sockets) continue
        const why = unknown ? missing(socket) : 'the process only gets it with use_sockets = true'
        report.warn(origins[option]!, `[watcher:${name}] ${option}: ${reference}: ${why}`)
      }
    }
  }
}

function references(words: string | readonly string[] | null): [reference: string, socket: string][] {
  const text = typeof words === 'string' ? words : (words ?? []).join(' ')
  return Array.from(text.matchAll(/(?:\$\(|\(\()circus\.sockets\.([\w.-]+)\)\)?/gi), ([all, socket]) => [all, socket!])
}
