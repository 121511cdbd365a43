import type { Figures } from './figures.ts'

/** What rows can be sorted by, in the order in which `<` and `>` go through them. */
export const sortKeys = ['name', 'cpu', 'memory', 'age', 'restarts', 'fds', 'threads'] as const
export type SortKey = (typeof sortKeys)[number]

/** Whether a text is one. */
export const isSortKey = (text: string): text is SortKey => sortKeys.some((key) => key === text)

/** The key so many places after another. */
export function sortKeyAfter(key: SortKey, steps: number): SortKey {
  const at = sortKeys.indexOf(key) + steps
  return sortKeys[(at + sortKeys.length) % sortKeys.length] as SortKey
}

/** What watchers, processes and children have in common to be sorted by. */
export type Sortable = Partial<Pick<Figures, 'cpu' | 'memoryBytes' | 'age' | 'fds' | 'threads'>> & {
  readonly restarts?: number | undefined
  /** What stands for the name: it decides where figures are the same, too. */
  readonly order: string | number
}

/** Sort: names from A to Z, numbers from the highest down, what is not known last; `reversed` turns the known ones round. */
export function sorted<Item extends Sortable>(items: readonly Item[], key: SortKey, reversed: boolean): Item[] {
  const direction = reversed ? -1 : 1
  return items.toSorted((a, b) => {
    if (key === 'name') return direction * compare(a.order, b.order)
    const [x, y] = [figureOf(a, key), figureOf(b, key)]
    if (x === y) return compare(a.order, b.order)
    if (x === undefined) return 1
    if (y === undefined) return -1
    return direction * (y - x)
  })
}

function figureOf(item: Sortable, key: Exclude<SortKey, 'name'>): number | undefined {
  return key === 'memory' ? item.memoryBytes : item[key]
}

function compare(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0
}
