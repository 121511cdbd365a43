import { nearestName } from './nearest.ts'
import { problemMessage } from './problem.ts'
import type { Report } from './report.ts'
import { socketTable } from './socket-table.ts'
import type { NamedEntries } from './source.ts'
import { readTable } from './table.ts'
import type { SocketConfig } from './types.ts'

/** Resolve the `[socket:NAME]` sections. */
export function buildSockets(sockets: readonly NamedEntries[], report: Report): SocketConfig[] {
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
    if (options.path !== null && options.family !== 'AF_UNIX' && origins['family']) {
      report.warn(origins['family'], `[${label}] family = ${options.family}: a socket with a path is AF_UNIX`)
    }
    if (options.path === null && options.family === 'AF_UNIX') {
      report.error(origins['family'] ?? origin, `[${label}] path: is missing; an AF_UNIX socket needs one`)
    }
    const family = options.path === null ? options.family : 'AF_UNIX'
    return { name: name.toLowerCase(), options: { ...options, family }, origins }
  })
}
