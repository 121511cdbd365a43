import { ConsoleError } from './errors.ts'

interface PropertySchema {
  readonly type?: string | readonly string[]
}

/** The properties in a query, as the command's JSON Schema wants them: a query has nothing but texts. */
export function propertiesIn(query: Readonly<Record<string, unknown>>, schema: object): Record<string, unknown> {
  const { properties = {} } = schema as { properties?: Record<string, PropertySchema> }
  return Object.fromEntries(
    Object.entries(query).map(([name, value]) => [
      name,
      typed(name, value, Object.hasOwn(properties, name) ? properties[name] : {}),
    ]),
  )
}

function typed(name: string, value: unknown, { type }: PropertySchema = {}): unknown {
  const is = (wanted: string) => type === wanted || (Array.isArray(type) && type.includes(wanted))
  if (is('array')) return Array.isArray(value) ? value : [value]
  if (typeof value !== 'string')
    throw new ConsoleError(400, 'ERR_PROPERTY_INVALID', `property '${name}' is there twice`)
  if (is('object')) return parsed(name, value)
  if (is('string')) return value
  // What is no number is refused by the command, in its own words.
  if ((is('integer') || is('number')) && value.trim() !== '' && Number.isFinite(Number(value))) return Number(value)
  if (is('boolean') && (value === 'true' || value === 'false')) return value === 'true'
  return value
}

function parsed(name: string, value: string): unknown {
  try {
    return JSON.parse(value)
  } catch {
    throw new ConsoleError(400, 'ERR_PROPERTY_INVALID', `property '${name}' must be JSON`)
  }
}
