import type { Schema } from '../../core/index.ts'

/** One option of a stream class: reads its text. Throws an `Error` that says what to write. */
export interface Option<T> {
  /** For JSON Schema. */
  readonly shape: object
  /** `undefined` when it is left out. */
  read(text: string | undefined): T
}

type Table = Readonly<Record<string, Option<unknown>>>
type Values<T extends Table> = { readonly [K in keyof T]: T[K] extends Option<infer Value> ? Value : never }

/**
 * A table of options as a schema that knows no others: whoever writes one is told, and it is ignored. `together` looks at
 * all of them, and throws an `Error` when they do not go together. It costs nothing to load.
 */
export function optionsTable<T extends Table>(
  table: T,
  together: (values: Values<T>) => void = () => {},
): Schema<Values<T>> {
  const shape = () => ({
    type: 'object',
    properties: Object.fromEntries(Object.entries(table).map(([name, option]) => [name, option.shape])),
    additionalProperties: false,
  })
  return {
    '~standard': {
      version: 1,
      vendor: 'circusd',
      validate: (input) => validate(table, together, input as Readonly<Record<string, unknown>>),
      jsonSchema: { input: shape, output: shape },
    },
  }
}

type Issue = { readonly message: string; readonly path: readonly string[] }

function validate<T extends Table>(
  table: T,
  together: (values: Values<T>) => void,
  input: Readonly<Record<string, unknown>>,
) {
  const issues: Issue[] = []
  const attempt = (path: readonly string[], work: () => unknown): unknown => {
    try {
      return work()
    } catch (error) {
      issues.push({ message: (error as Error).message, path })
      return undefined
    }
  }
  const values = Object.fromEntries(
    Object.entries(table).map(([name, option]) => {
      const given = Object.hasOwn(input, name) ? input[name] : undefined
      return [name, attempt([name], () => option.read(given === undefined ? undefined : String(given)))]
    }),
  ) as Values<T>
  if (issues.length === 0) attempt([], () => together(values))
  return issues.length > 0 ? { issues } : { value: values }
}

/** Any text; not an empty one. */
export function text<F extends string | undefined>(description: string, fallback: F): Option<string | F> {
  return option({ type: 'string', description }, fallback, (given) => {
    if (given === '') throw new Error('it must not be empty')
    return given
  })
}

/** An integer, within bounds. */
export function integer<F extends number | undefined>(
  description: string,
  fallback: F,
  { min = 0, max = Number.MAX_SAFE_INTEGER } = {},
): Option<number | F> {
  const expected = max === Number.MAX_SAFE_INTEGER ? `an integer from ${min}` : `an integer from ${min} to ${max}`
  return option({ type: 'integer', description, minimum: min, maximum: max }, fallback, (given) => {
    const number = /^[+-]?\d+$/.test(given.trim()) ? Number(given) : Number.NaN
    if (number >= min && number <= max) return number
    throw new Error(`it must be ${expected}`)
  })
}

const units: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }

/** A number of bytes: `1048576`, `512k`, `10 MB`. A KB has 1024 bytes. */
export function bytes<F extends number | undefined>(
  description: string,
  fallback: F,
  { min = 0, max = Number.MAX_SAFE_INTEGER } = {},
): Option<number | F> {
  return option({ type: ['integer', 'string'], description, minimum: min }, fallback, (given) => {
    const [, number, unit = ''] = /^(\d+(?:\.\d+)?)\s*(?:([kmg])i?)?b?$/i.exec(given.trim()) ?? []
    const size = Math.floor(Number(number) * units[unit.toLowerCase()]!)
    if (number !== undefined && size >= min && size <= max) return size
    const bounds = max === Number.MAX_SAFE_INTEGER ? `from ${min}` : `from ${min} to ${max}`
    throw new Error(`it must be a number of bytes ${bounds}, like 1048576 or 10MB`)
  })
}

/** One of a few words, in any case. */
export function oneOf<const W extends string, const F extends W | undefined>(
  description: string,
  words: readonly W[],
  fallback: F,
): Option<W | F> {
  return option({ enum: words, description }, fallback, (given) => {
    const word = words.find((each) => each.toLowerCase() === given.trim().toLowerCase())
    if (word !== undefined) return word
    throw new Error(`it must be one of ${words.join(', ')}`)
  })
}

/** Yes or no, in the words an ini takes. */
export function boolean(description: string, fallback: boolean): Option<boolean> {
  return option({ type: 'boolean', description }, fallback, (given) => {
    const word = given.trim().toLowerCase()
    if (['true', '1', 'yes', 'on'].includes(word)) return true
    if (['false', '0', 'no', 'off', ''].includes(word)) return false
    throw new Error('it must be true or false')
  })
}

/** The same, but it cannot be left out. */
export function required<T>({ shape, read }: Option<T>): Option<Exclude<T, undefined>> {
  return {
    shape,
    read(given) {
      if (given === undefined) throw new Error('it is missing')
      return read(given) as Exclude<T, undefined>
    },
  }
}

/** An option with a way to read it of its own. */
export function option<T, F>(shape: object, fallback: F, read: (given: string) => T): Option<T | F> {
  return {
    shape: { ...shape, ...(fallback !== undefined && { default: fallback }) },
    read: (given) => (given === undefined ? fallback : read(given)),
  }
}
