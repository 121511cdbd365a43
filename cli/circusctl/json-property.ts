import { UsageError } from './command.ts'

/** The JSON Schema of one property, as far as a command line cares. It comes from a daemon: nothing in it is certain. */
export interface JsonSchema {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly items?: JsonSchema
  readonly prefixItems?: readonly JsonSchema[]
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly minimum?: number
  readonly maximum?: number
}

/** What a property takes: the JSON types (`null` apart), or the only texts there are. */
interface Taken {
  /** None: anything. */
  readonly types: readonly string[]
  readonly nullable: boolean
  readonly choices?: readonly unknown[]
}

/** The types there are, in the order in which a text is tried as one. */
const known: readonly string[] = ['integer', 'number', 'boolean', 'object', 'array', 'string']

/** Whether it is a list, given by repeating it. A tuple is not: it is written as JSON. */
export const isList = (schema: JsonSchema): boolean => {
  const { types } = taken(schema)
  return types.length === 1 && types[0] === 'array' && schema.prefixItems === undefined
}

/** Whether it is true or false and nothing else. */
export const isBoolean = (schema: JsonSchema): boolean => {
  const { types, choices } = taken(schema)
  return !choices && types.length === 1 && types[0] === 'boolean'
}

/** The texts it takes, if there are only so many. */
export const choicesOf = (schema: JsonSchema): readonly string[] | undefined => taken(schema).choices?.map(String)

/** What it takes, in words, where that is not just any text. */
export function whatToWrite(schema: JsonSchema): string {
  const { types, choices } = taken(schema)
  return types.includes('string') && !choices ? '' : expected(schema)
}

/** The value a text stands for. Throws a `UsageError` that names the `place` it was written and says what to write. */
export function readProperty(place: string, schema: JsonSchema, text: string): unknown {
  const { types, nullable, choices } = taken(schema)
  const wrong = () => new UsageError(`${place} must be ${expected(schema)}, not '${text}'`)
  if (choices) {
    const index = choices.map(String).indexOf(text)
    if (index < 0) throw wrong()
    return choices[index]
  }
  if (nullable && text === 'null') return null
  if (types.length === 0) return parsed(text) ?? text
  for (const type of known) {
    const value = types.includes(type) ? readAs(type, text) : undefined
    if (value === undefined) continue
    if (typeof value === 'number' && outside(value, schema)) throw wrong()
    return value
  }
  throw wrong()
}

function readAs(type: string, text: string): unknown {
  switch (type) {
    case 'string':
      return text
    case 'integer':
      return /^[+-]?\d+$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined
    case 'number':
      return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined
    case 'boolean':
      return /^(true|yes|on|1)$/i.test(text) ? true : /^(false|no|off|0)$/i.test(text) ? false : undefined
    default: {
      const value = parsed(text)
      return typeof value === 'object' && value !== null && Array.isArray(value) === (type === 'array')
        ? value
        : undefined
    }
  }
}

/** What to write for it, in words. */
function expected(schema: JsonSchema): string {
  const { types, choices } = taken(schema)
  if (choices) return choices.length === 1 ? `'${choices[0]}'` : `one of ${choices.join(', ')}`
  return types.map((type) => wordsFor(type, schema)).join(' or ')
}

function wordsFor(type: string, { minimum, maximum }: JsonSchema): string {
  const from = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? ` from ${minimum}` : ''
  const to = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? ` to ${maximum}` : ''
  switch (type) {
    case 'string':
      return 'a text'
    case 'integer':
      return `an integer${from}${to}`
    case 'number':
      return `a number${from}${to}`
    case 'boolean':
      return 'true or false'
    case 'array':
      return `JSON like '["a", 1]'`
    default:
      return `JSON like '{"key": "value"}'`
  }
}

function taken(schema: JsonSchema): Taken {
  const branches = schema.anyOf ?? schema.oneOf
  if (Array.isArray(branches)) {
    const all = branches.map((branch) => taken(Object(branch)))
    const choices = all.flatMap((branch) => branch.choices ?? [])
    const nullable = all.some((branch) => branch.nullable)
    const types = [...new Set(all.flatMap((branch) => branch.types))]
    if (all.every((branch) => branch.choices || branch.types.length === 0) && choices.length > 0) {
      return { types, nullable, choices }
    }
    return { types: all.some(isAnything) ? [] : types, nullable }
  }
  const values = Array.isArray(schema.enum) ? schema.enum : 'const' in schema ? [schema.const] : undefined
  const types = [schema.type ?? []].flat().filter((type) => type === 'null' || known.includes(type))
  const nullable = types.includes('null') || values?.includes(null) === true
  const choices = values?.filter((value) => value !== null)
  return {
    types: types.filter((type) => type !== 'null'),
    nullable,
    ...(choices && choices.length > 0 && { choices }),
  }
}

const isAnything = ({ types, nullable, choices }: Taken) => types.length === 0 && !nullable && !choices

function outside(
  number: number,
  { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY }: JsonSchema,
) {
  return number < minimum || number > maximum
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
