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
