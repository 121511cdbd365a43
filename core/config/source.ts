import type { Entry } from './table.ts'
import type { Origin } from './types.ts'

/** A section with a name, or an element of a list in the typed form. */
export interface NamedEntries {
  readonly name: string
  readonly origin: Origin
  readonly entries: readonly Entry[]
}

/** What a configuration says, whichever form it was written in, before it means anything. */
export interface Source {
  /** Absolute path; `null` for the library. */
  readonly file: string | null
  readonly circus: readonly Entry[]
  /** The environment of all watchers. */
  readonly env: readonly Entry[]
  /** The environment of watchers whose name matches one of the patterns; later ones win. */
  readonly patterns: readonly { readonly patterns: readonly string[]; readonly entries: readonly Entry[] }[]
  readonly watchers: readonly NamedEntries[]
  readonly sockets: readonly NamedEntries[]
  readonly plugins: readonly NamedEntries[]
}

/** The environment of the daemon, as Node has it. */
export type Environment = Readonly<Record<string, string | undefined>>
