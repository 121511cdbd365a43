import { computed, signal } from '@preact/signals'
import type { WatcherState } from '../../../api.ts'
import { healthOf, isTrouble } from '../../parts/health.ts'
import { byName, watcherNames, watchers } from '../../store/store.ts'

export const filters = ['all', 'active', 'trouble', 'stopped'] as const
export type Filter = (typeof filters)[number]

export const columns = ['name', 'state', 'alive', 'cpu', 'memory', 'restarts', 'exit'] as const
export type Column = (typeof columns)[number]

/** What is looked for, kept while one looks at other pages. */
export const search = signal('')
export const filter = signal<Filter>('all')
export const order = signal<{ readonly by: Column; readonly down: boolean }>({ by: 'name', down: false })
/** Watchers that are ticked. */
export const ticked = signal<ReadonlySet<string>>(new Set())

/** Whether a filter lets a watcher through. */
export function passes(watcher: WatcherState, wanted: Filter): boolean {
  switch (wanted) {
    case 'all':
      return true
    case 'active':
      return watcher.status === 'active'
    case 'trouble':
      return isTrouble(watcher)
    case 'stopped':
      return watcher.status === 'stopped'
    default:
      return wanted satisfies never
  }
}

const keys: Readonly<Record<Exclude<Column, 'name'>, (watcher: WatcherState) => number | string>> = {
  state: healthOf,
  alive: ({ alive }) => alive,
  cpu: ({ cpu }) => cpu ?? -1,
  memory: ({ rssBytes }) => rssBytes ?? -1,
  restarts: ({ restarts }) => restarts ?? -1,
  exit: ({ lastExit }) => lastExit?.time ?? 0,
}

function compare(a: string, b: string): number {
  const { by, down } = order.value
  const sign = down ? -1 : 1
  if (by === 'name') return sign * byName(a, b)
  const [left, right] = [a, b].map((name) => keys[by](watchers.value[name]!)) as [number | string, number | string]
  const difference = typeof left === 'number' ? left - Number(right) : left.localeCompare(String(right))
  return difference === 0 ? byName(a, b) : sign * difference
}

/** The names of the watchers that are shown, in their order. */
export const shown = computed(() => {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean)
  const names = watcherNames.value.filter(
    (name) =>
      words.every((word) => name.toLowerCase().includes(word)) &&
      // Only then does every figure that comes matter here.
      (filter.value === 'all' || passes(watchers.value[name]!, filter.value)),
  )
  return order.value.by === 'name' && !order.value.down ? names : names.sort(compare)
})

/** Ticked watchers that are shown: what a button for several means. */
export const chosen = computed(() => shown.value.filter((name) => ticked.value.has(name)))

/** Tick watchers, or take that back. */
export function tick(names: readonly string[], on: boolean): void {
  const next = new Set(ticked.value)
  for (const name of names) {
    if (on) next.add(name)
    else next.delete(name)
  }
  ticked.value = next
}

/** Order by a column; again, and it is the other way round. Figures begin with the highest. */
export function orderBy(by: Column): void {
  const now = order.value
  order.value = { by, down: now.by === by ? !now.down : by !== 'name' && by !== 'state' }
}
