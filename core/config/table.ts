import type { Kind } from './kind.ts'
import type { Problem } from './problem.ts'
import type { Origin } from './types.ts'

/** What is known about one option. Everything that knows options derives from tables of these. */
export interface OptionRow<T> {
  readonly kind: Kind<T>
  readonly default: T
  /** One line on what it does. */
  readonly doc: string
  /** A value that cannot be read is only warned about, and the default taken, as the original does. */
  readonly lenient?: boolean
}

/** A table: an option's name in the ini is its key. */
export type OptionTable<T> = { readonly [K in keyof T]: OptionRow<T[K]> }

/** One value on its way into a configuration: text from an ini, anything from JSON or the library. */
export interface Entry {
  readonly name: string
  readonly value: unknown
  readonly origin: Origin
}

/** Values of a table's options, read from entries. */
export interface TableReading<T> {
  readonly options: T
  readonly origins: Readonly<Record<string, Origin>>
  /** Entries the table does not know, in their order. */
  readonly rest: readonly Entry[]
  readonly problems: readonly { readonly entry: Entry; readonly problem: Problem; readonly lenient: boolean }[]
}

/** Read `entries` by `table`: absent options get their defaults, wrong ones a problem. `null` means absent. */
export function readTable<T extends object>(table: OptionTable<T>, entries: readonly Entry[]): TableReading<T> {
  const rows = new Map(Object.entries(table) as [string, OptionRow<unknown>][])
  const values = new Map([...rows].map(([name, row]) => [name, row.default]))
  const origins = new Map<string, Origin>()
  const rest: Entry[] = []
  const problems: { entry: Entry; problem: Problem; lenient: boolean }[] = []
  for (const entry of entries) {
    const row = rows.get(entry.name)
    if (!row) {
      rest.push(entry)
    } else if (entry.value !== null && entry.value !== undefined) {
      const value = row.kind.read(entry.value)
      const { name } = entry
      if (value === undefined) {
        const problem: Problem = { id: 'invalid', name, expected: row.kind.expected, got: entry.value }
        problems.push({ entry, problem, lenient: row.lenient ?? false })
      } else {
        values.set(name, value)
        origins.set(name, entry.origin)
      }
    }
  }
  return { options: Object.fromEntries(values) as T, origins: Object.fromEntries(origins), rest, problems }
}
