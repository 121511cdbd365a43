import { limitNames } from '../posix/limits.ts'
import { boolean, type Kind, text } from './kind.ts'
import { nearestName } from './nearest.ts'
import type { Problem } from './problem.ts'
import { isPlainObject } from './substitute.ts'
import type { HookTarget, SetEffect } from './types.ts'
import type { WatcherGroup } from './watcher-table.ts'

/** A group of options with a common prefix: `rlimit_nofile`, `stdout_stream.class`, `env.PATH`. */
export interface Group {
  readonly field: Exclude<WatcherGroup, 'options'>
  /** What its options' names begin with. */
  readonly prefix: string
  readonly effect: SetEffect
  /** Whether an object given for the whole group is added to what is there, or takes its place. */
  readonly merges: boolean
  readonly kind: Kind<unknown>
  /** The names it may hold, when they are a fixed set. */
  readonly names?: readonly string[]
  /** A name as it is kept. */
  readonly key: (name: string) => string
  readonly doc: string
}

/** The hooks of a watcher, named as in the original. */
export const hookNames = [
  'before_start',
  'after_start',
  'before_spawn',
  'after_spawn',
  'before_stop',
  'after_stop',
  'before_signal',
  'after_signal',
  'before_reap',
  'after_reap',
  'extended_stats',
] as const

/** What the libcs and kernels call RLIM_INFINITY, and the words for it. */
const unlimited = new Set(['', '-1', 'unlimited', 'infinity', '9223372036854775807', '18446744073709551615'])

const limit: Kind<number | 'unlimited'> = {
  expected: 'a whole number, 0 or more, or empty for unlimited',
  read: (raw) => {
    if (raw !== null && typeof raw !== 'string' && typeof raw !== 'number') return undefined
    const value = String(raw ?? '').trim()
    if (unlimited.has(value.toLowerCase())) return 'unlimited'
    return /^\d+$/.test(value) && Number.isSafeInteger(Number(value)) ? Number(value) : undefined
  },
}

const hook: Kind<readonly [HookTarget, boolean]> = {
  expected: 'MODULE:FUNCTION or exec:COMMAND, then perhaps a comma and whether a failure is ignored (true or false)',
  read: (raw) => {
    const [target, ignore] = Array.isArray(raw) ? raw : typeof raw === 'string' ? splitHook(raw) : [raw]
    const ignoreFailure = ignore === undefined ? false : boolean.read(ignore)
    if (ignoreFailure === undefined) return undefined
    if (typeof target === 'function') return [target as HookTarget, ignoreFailure]
    return typeof target === 'string' && target.trim() !== '' ? [target.trim(), ignoreFailure] : undefined
  },
}

const asIs = (name: string) => name

/** Every group, and how its values are read. */
export const watcherGroups: readonly Group[] = [
  {
    field: 'rlimits',
    prefix: 'rlimit_',
    effect: 'replace',
    merges: false,
    kind: limit,
    names: limitNames,
    key: (name) => name.toLowerCase(),
    doc: 'resource limit, soft and hard; empty = unlimited',
  },
  stream('stdout_stream', 'where standard output goes; read by the streams plugin'),
  stream('stderr_stream', 'where standard error goes; read by the streams plugin'),
  {
    field: 'hooks',
    prefix: 'hooks.',
    effect: 'none',
    merges: true,
    kind: hook,
    names: hookNames,
    key: asIs,
    doc: 'what to call at a moment in the life of the watcher',
  },
  {
    field: 'env',
    prefix: 'env.',
    effect: 'replace',
    merges: false,
    kind: text,
    key: asIs,
    doc: 'environment variable',
  },
]

/** The group that an option's name belongs to, and its name within it. */
export function groupOf(name: string): { readonly group: Group; readonly key: string } | undefined {
  const group = watcherGroups.find(({ prefix }) => name.startsWith(prefix) && name.length > prefix.length)
  return group && { group, key: group.key(name.slice(group.prefix.length)) }
}

/** What a whole group was set to, as entries; a text like `A=1,B=2` does for `env`, as the original's client sends it. */
export function groupEntries(group: Group, raw: unknown): [name: string, value: unknown][] | undefined {
  if (isPlainObject(raw)) return Object.entries(raw)
  if (group.field !== 'env' || typeof raw !== 'string') return undefined
  const pairs = raw.split(',').filter((pair) => pair.trim() !== '')
  const entries = pairs.map((pair): [string, unknown] => {
    const at = pair.indexOf('=')
    return [pair.slice(0, Math.max(at, 0)).trim(), pair.slice(at + 1).trim()]
  })
  return entries.every(([name]) => name !== '') ? entries : undefined
}

/** What is wrong with a name within a group; `null` when nothing is. */
export function misnamed(group: Group, key: string, got: unknown): Problem | null {
  const name = `${group.prefix}${key}`
  if (group.field === 'env') {
    return key === '' || /[=\0]/.test(key) ? { id: 'misnamed', name, got, expected: 'names without = or NUL' } : null
  }
  if (!group.names || group.names.includes(key)) return null
  const nearest = nearestName(key, group.names)
  return {
    id: 'misnamed',
    name,
    got,
    nearest: nearest && `${group.prefix}${nearest}`,
    expected: group.names.map((known) => `${group.prefix}${known}`).join(', '),
  }
}

function stream(field: 'stdout_stream' | 'stderr_stream', doc: string): Group {
  return { field, prefix: `${field}.`, effect: 'none', merges: false, kind: text, key: asIs, doc }
}

/** `target, flag`: what follows the last comma of a command is its own unless it is a boolean. */
function splitHook(value: string): [target: string, ignore?: string] {
  const comma = value.lastIndexOf(',')
  if (comma < 0) return [value]
  const flag = value.slice(comma + 1)
  if (value.trimStart().startsWith('exec:') && boolean.read(flag) === undefined) return [value]
  return [value.slice(0, comma), flag]
}
