import { basename } from 'node:path'
import { nearestName } from './nearest.ts'
import { excerpt, type Report } from './report.ts'
import type { NamedEntries, Source } from './source.ts'
import { splitCommand } from './split-command.ts'
import { isPlainObject } from './substitute.ts'
import type { Entry } from './table.ts'
import type { Origin } from './types.ts'
import { groupEntries, watcherGroups } from './watcher-groups.ts'

const parts = ['circus', 'env', 'watchers', 'sockets', 'plugins']

/** Sort a typed configuration (`ConfigInput`, unchecked) by what it is about. Wrong shapes go to `report`. */
export function objectSource(file: string | null, object: unknown, origin: Origin, report: Report): Source {
  const root = record(object, 'the configuration', origin, report)
  for (const name of Object.keys(root)) {
    if (parts.includes(name)) continue
    const nearest = nearestName(name, parts)
    report.warn(origin, `${name}: unknown; ${nearest ? `did you mean ${nearest}?` : `known are ${parts.join(', ')}`}`)
  }
  const watchers = list(root, 'watchers', origin, report)
  const taken = new Set(watchers.map(({ name }) => String(name ?? '').toLowerCase()))
  return {
    file,
    circus: entriesOf(record(root['circus'] ?? {}, 'circus', origin, report), origin),
    env: entriesOf(record(root['env'] ?? {}, 'env', origin, report), origin),
    patterns: [],
    watchers: watchers.map((watcher) => {
      const otherwise = () => nameFor(watcher['cmd'], taken)
      return named(withOwnEnv(watcher), 'watchers', otherwise, origin, report)
    }),
    sockets: list(root, 'sockets', origin, report).map((socket) => named(socket, 'sockets', () => '', origin, report)),
    plugins: list(root, 'plugins', origin, report).map((plugin) =>
      named(plugin, 'plugins', () => String(plugin['use'] ?? ''), origin, report),
    ),
  }
}

function list(root: Record<string, unknown>, part: string, origin: Origin, report: Report): Record<string, unknown>[] {
  const items = root[part] ?? []
  if (Array.isArray(items)) return items.map((item, at) => record(item, `${part}[${at}]`, origin, report))
  report.error(origin, `${part}: must be a list of objects, not ${excerpt(items)}`)
  return []
}

function record(value: unknown, what: string, origin: Origin, report: Report): Record<string, unknown> {
  if (isPlainObject(value)) return value
  report.error(origin, `${what}: must be an object, not ${excerpt(value)}`)
  return {}
}

function named(
  item: Record<string, unknown>,
  part: string,
  otherwise: () => string,
  origin: Origin,
  report: Report,
): NamedEntries {
  const { name = otherwise(), ...options } = item
  if (typeof name !== 'string') report.error(origin, `${part}: name must be text, not ${excerpt(name)}`)
  return { name: String(name), origin, entries: entriesOf(options, origin) }
}

/** A watcher's own environment is added to that of all, variable by variable. */
function withOwnEnv(watcher: Record<string, unknown>): Record<string, unknown> {
  const { env, ...rest } = watcher
  const group = watcherGroups.find(({ field }) => field === 'env')!
  const variables = env === undefined || env === null ? [] : groupEntries(group, env)
  if (!variables) return watcher
  return { ...rest, ...Object.fromEntries(variables.map(([name, value]) => [`${group.prefix}${name}`, value])) }
}

function entriesOf(options: Record<string, unknown>, origin: Origin): Entry[] {
  return Object.entries(options).map(([name, value]) => ({ name, value, origin }))
}

/** The base name of a command, with a number when it is taken. */
function nameFor(cmd: unknown, taken: Set<string>): string {
  const base = basename(firstWord(String(cmd ?? ''))) || 'watcher'
  let name = base
  for (let number = 2; taken.has(name.toLowerCase()); number++) name = `${base}-${number}`
  taken.add(name.toLowerCase())
  return name
}

function firstWord(cmd: string): string {
  try {
    return splitCommand(cmd)[0] ?? ''
  } catch {
    return cmd.trim().split(/\s/)[0] ?? ''
  }
}
