import { isDeepStrictEqual } from 'node:util'
import { isWarning, problemError } from './problem.ts'
import type { Origin, SetEffect, WatcherConfig } from './types.ts'
import { WatcherDraft } from './watcher-draft.ts'
import { groupOf, watcherGroups } from './watcher-groups.ts'
import { watcherRows } from './watcher-table.ts'

/** What differs between two states of a watcher's options, and what that means for its processes. */
export interface WatcherChange {
  readonly effect: SetEffect
  /** Names as in the ini: `cmd`, `rlimit_nofile`, `env.PATH`. Sorted. */
  readonly changed: string[]
}

const requested: Origin = { file: 'API', line: 0 }

/**
 * The configuration of a watcher given to the `add` command; values are text or JSON.
 * Throws `ERR_OPTION_UNKNOWN`, `ERR_OPTION_INVALID` or `ERR_WATCHER_INVALID`.
 */
export function watcherFromApi(
  name: string,
  request: { readonly cmd?: unknown; readonly args?: unknown; readonly options?: Readonly<Record<string, unknown>> },
): WatcherConfig {
  const { cmd, args, options = {} } = request
  return assign(new WatcherDraft(name), name, { ...options, cmd: cmd ?? options['cmd'], args: args ?? options['args'] })
}

/**
 * What `set` makes of a watcher. Names are those of the ini, an object sets a whole group (`hooks` are added), `null`
 * takes an option back. All of it is checked first: throws as `watcherFromApi` does, and `current` is never changed.
 */
export function changeOptions(
  current: WatcherConfig,
  changes: Readonly<Record<string, unknown>>,
): WatcherChange & { readonly config: WatcherConfig } {
  const config = assign(new WatcherDraft(current.name, current), current.name, changes)
  return { config, ...compareWatchers(current, config) }
}

/** What has to be done for a watcher that was configured as `a` to be as `b`. */
export function compareWatchers(a: WatcherConfig, b: WatcherConfig): WatcherChange {
  const before = single(a)
  const after = single(b)
  const names = new Set([...before.keys(), ...after.keys()])
  const changed = [...names].filter((name) => !isDeepStrictEqual(before.get(name), after.get(name))).sort()
  const effects = changed.map(effectOf)
  const effect = (['replace', 'resize'] as const).find((strongest) => effects.includes(strongest)) ?? 'none'
  return { effect, changed }
}

function assign(draft: WatcherDraft, name: string, values: Readonly<Record<string, unknown>>): WatcherConfig {
  const problems = Object.entries(values).flatMap(([option, value]) => draft.set(option, value, requested))
  const wrong = problems.find((problem) => !isWarning(problem) || (problem.id === 'unknown' && !problem.dotted))
  if (wrong) throw problemError(name, wrong)
  const finished = draft.finish()
  const conflict = finished.problems.find((problem) => !isWarning(problem))
  if (conflict) throw problemError(name, conflict)
  return finished.config
}

/** Every option by its own name; those of groups one by one. */
function single({ options }: WatcherConfig): Map<string, unknown> {
  const plain = [...watcherRows.keys()].map((name) => [name, options[name as keyof typeof options]] as const)
  const grouped = watcherGroups.flatMap(({ field, prefix }) =>
    Object.entries(options[field]).map(([key, value]) => [`${prefix}${key}`, value] as const),
  )
  return new Map<string, unknown>([...plain, ...grouped, ...Object.entries(options.options)])
}

function effectOf(name: string): SetEffect {
  return watcherRows.get(name)?.effect ?? groupOf(name)?.group.effect ?? 'none'
}
