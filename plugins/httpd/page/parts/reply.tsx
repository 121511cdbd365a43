/** A list that tables show: every row an object. */
type Rows = readonly Readonly<Record<string, unknown>>[]

/** Of a longer list the first so many rows are shown. */
const MOST_ROWS = 1_000

/** What a command replied: single values first, then each list of objects as a table. Whatever is in it is text. */
export function Reply({ reply, title }: { reply: object; title: string }) {
  const { text, ...fields } = reply as { text?: unknown }
  const entries = Object.entries(fields)
  const tables = entries.flatMap(([name, value]) => {
    const rows = rowsOf(value)
    return rows ? [[name, rows] as const] : []
  })
  const single = entries.filter(([, value]) => rowsOf(value) === undefined)
  return (
    <>
      {typeof text === 'string' && <pre class="panel reply-text">{text}</pre>}
      {single.length > 0 && (
        <dl class="panel reply-fields">
          {single.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{shown(value)}</dd>
            </div>
          ))}
        </dl>
      )}
      {tables.map(([name, rows]) => (
        <ReplyTable key={name} name={tables.length > 1 ? name : title} rows={rows} />
      ))}
    </>
  )
}

function ReplyTable({ name, rows }: { name: string; rows: Rows }) {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const numbers = new Set(columns.filter((column) => rows.every((row) => isNumber(row[column]))))
  return (
    <div class="scroller" role="region" aria-label={`${name}, to be scrolled`} tabIndex={0}>
      <table class="table">
        <caption class="unseen">{name}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col" class={numbers.has(column) ? 'number' : undefined}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, MOST_ROWS).map((row, at) => (
            <tr key={at}>
              {columns.map((column) => (
                <td key={column} class={numbers.has(column) ? 'number' : 'reply-value'}>
                  {shown(row[column])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > MOST_ROWS && (
        <p class="note">
          The first {MOST_ROWS} of {rows.length} rows.
        </p>
      )}
    </div>
  )
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isNumber = (value: unknown): boolean => typeof value === 'number' || value === null || value === undefined

/** A list of objects, or an object of objects with their names: `undefined` for anything else. */
function rowsOf(value: unknown): Rows | undefined {
  if (Array.isArray(value)) return value.length > 0 && value.every(isObject) ? value : undefined
  if (!isObject(value)) return undefined
  const entries = Object.entries(value)
  if (entries.length === 0 || !entries.every(([, row]) => isObject(row))) return undefined
  return entries.map(([name, row]) => ({ name, ...(row as object) }))
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return '–'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (Array.isArray(value) && value.length === 0) return 'none'
  if (Array.isArray(value) && value.every((each) => typeof each !== 'object')) return value.join(', ')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
