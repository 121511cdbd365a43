import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec'
import { KernelError } from './errors.ts'

/**
 * What checks untyped input: anything that speaks Standard Schema and can show itself as JSON Schema. A `z.object(…)`
 * does, and so do the kernel's own tables (`properties`), which cost nothing to load.
 */
export interface Schema<Output = unknown> {
  readonly '~standard': StandardSchemaV1.Props<unknown, Output> & Partial<StandardJSONSchemaV1.Props<unknown, Output>>
}

/** What a schema makes of its input. */
export type Parsed<S> = S extends Schema<infer Output> ? Output : never

/** One thing a schema finds wrong: which property, and what was expected of it. */
export interface SchemaIssue {
  readonly path: string
  readonly message: string
}

/** Check `input`. Returns the output, or everything that is wrong with it. */
export async function check<Output>(
  schema: Schema<Output>,
  input: unknown,
): Promise<{ readonly value: Output } | { readonly issues: readonly SchemaIssue[] }> {
  const checked = schema['~standard'].validate(input)
  const result = checked instanceof Promise ? await checked : checked
  if (!result.issues) return { value: result.value }
  return {
    issues: result.issues.map(({ path, message }) => ({
      path: (path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.'),
      message,
    })),
  }
}

/** The JSON Schema of a schema's input; `{}` when it cannot tell. */
export function jsonSchema(schema: Schema): object {
  // Zod's word for: what JSON Schema has no type for (a date) takes anything, rather than to throw.
  const libraryOptions = { unrepresentable: 'any' }
  return schema['~standard'].jsonSchema?.input({ target: 'draft-2020-12', libraryOptions }) ?? {}
}

/** Reads one property: throws `KernelError` when it is wrong. `schema` shows it as JSON Schema. */
export interface Property<T> {
  readonly required: boolean
  readonly schema: object
  read(value: unknown, name: string): T
}

type Row = Readonly<Record<string, Property<unknown>>>
type Read<R extends Row> = { [K in keyof R]: R[K] extends Property<infer T> ? T : never }

/** A table of properties as a schema. Unknown properties are ignored, as the original does. */
export function properties<R extends Row>(table: R): Schema<Read<R>> {
  const entries = Object.entries(table)
  return {
    '~standard': {
      version: 1,
      vendor: 'circusd',
      validate: (input) => {
        const raw = (input ?? {}) as Record<string, unknown>
        const value: Record<string, unknown> = {}
        for (const [name, property] of entries) {
          const given = Object.hasOwn(raw, name) ? raw[name] : undefined
          if (given === undefined && property.required) throw new KernelError('ERR_PROPERTY_MISSING', [name])
          value[name] = property.read(given, name)
        }
        return { value: value as Read<R> }
      },
      jsonSchema: { input: () => describe(entries), output: () => describe(entries) },
    },
  }
}

/** The same, and whatever is not in the table is refused: for the options of a plugin, where it would be a slip. */
export function strictProperties<R extends Row>(table: R): Schema<Read<R>> {
  const { '~standard': lenient } = properties(table)
  const validate = (input: unknown) => {
    const unknown = Object.keys(input ?? {}).filter((name) => !Object.hasOwn(table, name))
    if (unknown.length === 0) return lenient.validate(input)
    return { issues: unknown.map((name) => ({ message: 'there is no such option', path: [name] })) }
  }
  return { '~standard': { ...lenient, validate } }
}

function describe(entries: [string, Property<unknown>][]): Record<string, unknown> {
  const required = entries.filter(([, property]) => property.required).map(([name]) => name)
  return {
    type: 'object',
    properties: Object.fromEntries(entries.map(([name, property]) => [name, property.schema])),
    ...(required.length > 0 && { required }),
  }
}

const invalid = (name: string, expected: string, value: unknown) =>
  new KernelError('ERR_PROPERTY_INVALID', [name, expected, value])

/** A text that must be there. */
export const text = (description: string): Property<string> => ({
  required: true,
  schema: { type: 'string', description },
  read: (value, name) => {
    if (typeof value === 'string' && value !== '') return value
    throw invalid(name, 'a text', value)
  },
})

/** A number that may be written as text, as clients of the original send it. */
const numeric = (value: unknown): number =>
  typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN

/** An integer within limits, also as text; `fallback` when it is left out. */
export const integer = <F extends number | undefined>(
  description: string,
  fallback: F,
  min = Number.MIN_SAFE_INTEGER,
  max = Number.MAX_SAFE_INTEGER,
): Property<number | F> => ({
  required: false,
  schema: { type: 'integer', description, ...(fallback !== undefined && { default: fallback }) },
  read: (value, name) => {
    if (value === undefined || value === null) return fallback
    const number = typeof value === 'number' ? value : numeric(value)
    if (Number.isSafeInteger(number) && number >= min && number <= max) return number
    const from = min > Number.MIN_SAFE_INTEGER ? ` from ${min}` : ''
    throw invalid(name, `an integer${from}${max < Number.MAX_SAFE_INTEGER ? ` to ${max}` : ''}`, value)
  },
})

/** A number within limits, also as text; `fallback` when it is left out. */
export const number = (
  description: string,
  fallback: number,
  { min, max }: { readonly min: number; readonly max: number },
): Property<number> => ({
  required: false,
  schema: { type: 'number', description, default: fallback, minimum: min, maximum: max },
  read: (value, name) => {
    if (value === undefined || value === null) return fallback
    const read = typeof value === 'number' ? value : numeric(value)
    if (read >= min && read <= max) return read
    throw invalid(name, `a number from ${min} to ${max}`, value)
  },
})

/** One of some words; `fallback` when it is left out. */
export const oneOf = <const W extends string>(description: string, words: readonly W[], fallback: W): Property<W> => ({
  required: false,
  schema: { enum: words, description, default: fallback },
  read: (value, name) => {
    if (value === undefined || value === null) return fallback
    if (words.includes(value as W)) return value as W
    throw invalid(name, words.join(' or '), value)
  },
})

/** Seconds, also as text; `undefined` when left out. */
export const seconds = (description: string): Property<number | undefined> => ({
  required: false,
  schema: { type: 'number', description, minimum: 0 },
  read: (value, name) => {
    if (value === undefined || value === null) return undefined
    const number = typeof value === 'number' ? value : numeric(value)
    if (Number.isFinite(number) && number >= 0) return number
    throw invalid(name, 'a number of seconds from 0', value)
  },
})

/** A boolean, also as the words and numbers an ini takes; `fallback` when left out. */
export const flag = (description: string, fallback = false): Property<boolean> => ({
  required: false,
  schema: { type: 'boolean', description, default: fallback },
  read: (value, name) => {
    if (value === undefined || value === null) return fallback
    if (typeof value === 'boolean') return value
    const word = typeof value === 'string' || typeof value === 'number' ? String(value).toLowerCase() : 'neither'
    if (['true', '1', 'yes', 'on'].includes(word)) return true
    if (['false', '0', 'no', 'off', ''].includes(word)) return false
    throw invalid(name, 'true or false', value)
  },
})

/** Anything that may be left out, handed on after `read`. */
export const optional = <T>(schema: object, read: (value: unknown, name: string) => T): Property<T | undefined> => ({
  required: false,
  schema,
  read: (value, name) => (value === undefined || value === null ? undefined : read(value, name)),
})

/** A text that may be left out. */
export const optionalText = (description: string): Property<string | undefined> =>
  optional({ type: 'string', description }, (value, name) => {
    if (typeof value === 'string') return value
    throw invalid(name, 'a text', value)
  })

/** An object with text keys. */
export const record = (description: string, required: boolean): Property<Record<string, unknown>> => ({
  required,
  schema: { type: 'object', description },
  read: (value, name) => {
    if (value === undefined) return {}
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
    const said = `'${name}' property should be an object`
    throw new KernelError('ERR_PROPERTY_INVALID', [name, 'an object', value, said])
  },
})
