/** A value as the original prints JSON: one line with blanks, or indented with its keys sorted. */
export function formatJson(value: unknown, prettify = false): string {
  const text = prettify ? JSON.stringify(sorted(value), null, 2) : oneLine(value)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all but ASCII is escaped, as scripts know it
  return text.replace(/[^\x00-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function oneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(oneLine).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}: ${oneLine(field)}`).join(', ')}}`
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).sort(byName)
  return Object.fromEntries(fields.map(([name, field]) => [name, sorted(field)]))
}

/** Orders an object's entries by their names. */
export const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1)

/** Whether the original keeps an option's value as a float: it prints 10 as `10.0`. Only its default is not one. */
const isFloat = (name: string, value: number) => name === 'check_delay' || (name === 'graceful_timeout' && value !== 30)

/** Options as the original prints them: one `name: value` a line. */
export function formatOptions(options: unknown): string {
  return Object.entries(Object(options))
    .map(([name, value]) => `${name}: ${name === 'env' ? formatEnvironment(value) : formatOption(name, value)}`)
    .join('\n')
}

function formatOption(name: string, value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number' && isFloat(name, value)) return float(value)
  return typeof value === 'string' ? value : python(value)
}

/** A number as Python prints a float. */
export function float(value: unknown): string {
  return Number.isInteger(value) ? `${value}.0` : String(value)
}

/** A value as Python prints it, because the original prints lists and dictionaries so. */
function python(value: unknown): string {
  if (value === null || value === undefined) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'string') return quoted(value)
  if (Array.isArray(value)) return `[${value.map(python).join(', ')}]`
  if (typeof value !== 'object') return String(value)
  return `{${Object.entries(value)
    .map(([name, field]) => `${quoted(name)}: ${python(field)}`)
    .join(', ')}}`
}

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const escapes: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t', [quote]: `\\${quote}` }
  return `${quote}${text.replace(/[\\\n\r\t'"]/g, (unit) => escapes[unit] ?? unit)}${quote}`
}

function formatEnvironment(environment: unknown): string {
  return Object.entries(Object(environment))
    .sort(byName)
    .map(([name, value]) => `${name}=${value}`)
    .join(',')
}
