const reference = /\$\(circus\.([\p{L}\p{N}_.-]+)\)|\(\(circus\.([\p{L}\p{N}_.-]+)\)\)/giu

/** Finds what a reference stands for by its name without `circus.` (`env.HOME`); `undefined` leaves it as it stands. */
export type Lookup = (name: string) => string | undefined

/** Replace `$(circus.NAME)` and `((circus.NAME))`, once; what a reference stands for is not read again. */
export function substitute(text: string, lookup: Lookup): string {
  if (!text.includes('(')) return text
  return text.replace(reference, (whole, name?: string, other?: string) => lookup((name ?? other)!) ?? whole)
}

/**
 * `substitute` in every text within a value of a typed configuration. Functions and the rest stay as they are; what is
 * shared or circular (YAML's anchors, a program's objects) stays so.
 */
export function substituteDeep(value: unknown, lookup: Lookup, copies = new Map<object, object>()): unknown {
  if (typeof value === 'string') return substitute(value, lookup)
  if (!Array.isArray(value) && !isPlainObject(value)) return value
  const known = copies.get(value)
  if (known) return known
  const copy: object = Array.isArray(value) ? [] : {}
  copies.set(value, copy)
  for (const [key, item] of Object.entries(value)) {
    // Assigning to a key named __proto__ would set no key at all.
    const replaced = substituteDeep(item, lookup, copies)
    Object.defineProperty(copy, key, { value: replaced, enumerable: true, writable: true, configurable: true })
  }
  return copy
}

/** An object as JSON has them: no array, no function, no instance of a class. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** Answers `env.NAME` from the first scope that knows the name, as written or else in another case. */
export function environmentLookup(scopes: readonly Iterable<readonly [string, string | undefined]>[]): Lookup {
  let tables: { exact: Map<string, string>; folded: Map<string, string> }[] | undefined
  return (name) => {
    if (!/^env\./i.test(name)) return undefined
    tables ??= scopes.map(tableOf)
    const variable = name.slice('env.'.length)
    for (const { exact, folded } of tables) {
      const value = exact.get(variable) ?? folded.get(variable.toLowerCase())
      if (value !== undefined) return value
    }
    return undefined
  }
}

function tableOf(scope: Iterable<readonly [string, string | undefined]>) {
  const exact = new Map<string, string>()
  const folded = new Map<string, string>()
  for (const [name, value] of scope) {
    if (value === undefined) continue
    exact.set(name, value)
    folded.set(name.toLowerCase(), value)
  }
  return { exact, folded }
}
