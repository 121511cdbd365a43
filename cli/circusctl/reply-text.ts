import type { Reply } from './command.ts'
import { printable, widthOf } from './table.ts'

/** What every reply has, beside the fields of its command. */
const envelope = new Set(['status', 'time', 'id'])

/**
 * The reply of a command that a plugin of the daemon brought, for people: a field `text` as it is, a list of flat
 * objects as a table, all else as `name: value` lines. `ok` when there is nothing to tell.
 */
export function replyText(reply: Reply): string {
  const fields = Object.entries(reply).filter(([name]) => !envelope.has(name))
  if (fields.length === 0) return 'ok'
  const [[only, value]] = fields as [[string, unknown]]
  if (fields.length === 1 && (only === 'text' || isTable(value))) return block(value)
  const lines = fields.flatMap(([name, value]) => {
    if (name === 'text' && typeof value === 'string') return [value]
    if (isTable(value)) return [`${name}:`, ...indented(block(value))]
    return isFlat(value) && Object.keys(value).length > 0
      ? [
          `${name}:`,
          ...indented(
            Object.entries(value)
              .map(([key, item]) => `${key}: ${cell(item)}`)
              .join('\n'),
          ),
        ]
      : [`${name}: ${cell(value)}`]
  })
  return lines.join('\n')
}

type Row = Readonly<Record<string, unknown>>

function block(value: unknown): string {
  return isTable(value) ? table(value) : cell(value)
}

/** Columns as wide as their widest cell, numbers to the right, headed by the fields' names. */
function table(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))].map((name) => {
    const cells = rows.map((row) => (Object.hasOwn(row, name) ? printable(cell(row[name])) : ''))
    const title = printable(name.toUpperCase())
    const right = rows.every((row) => typeof (row[name] ?? 0) === 'number')
    const width = Math.max(...[title, ...cells].map(widthOf))
    const pad = (text: string) => {
      const blanks = ' '.repeat(width - widthOf(text))
      return right ? blanks + text : text + blanks
    }
    return [title, ...cells].map(pad)
  })
  return [...rows.keys(), rows.length]
    .map((at) =>
      columns
        .map((column) => column[at])
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

const indented = (text: string) => text.split('\n').map((line) => `  ${line}`)

/** Whether it is an object without objects in it: lists of texts and numbers may be. */
function isFlat(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(isCell)
}

const isTable = (value: unknown): value is readonly Row[] =>
  Array.isArray(value) && value.length > 0 && value.every(isFlat)

const isCell = (value: unknown) =>
  typeof value !== 'object' ||
  value === null ||
  (Array.isArray(value) && value.every((item) => typeof item !== 'object'))

function cell(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value !== 'object') return String(value)
  return isCell(value) ? (value as unknown[]).join(', ') : JSON.stringify(value)
}
