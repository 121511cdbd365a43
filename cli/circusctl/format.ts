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
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(fields.map(([name, field]) => [name, sorted(field)]))
}

/** Options as the original prints them: one `name: value` a line. */
export function formatOptions(options: unknown): string {
  return Object.entries(Object(options))
    .map(([name, value]) => `${name}: ${name === 'env' ? formatEnvironment(value) : formatValue(value)}`)
    .join('\n')
}

function formatValue(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function formatEnvironment(environment: unknown): string {
  return Object.entries(Object(environment))
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join(',')
}
