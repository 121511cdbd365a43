import type { Style, Terminal } from '../circusctl/output.ts'
import { printable, widthOf } from '../circusctl/table.ts'
import { gutter, type Layout, layOut } from './columns.ts'
import type { Glyphs } from './glyphs.ts'
import type { Row } from './rows.ts'
import type { SortKey } from './sort.ts'
import { cell } from './text.ts'

/** How a table is drawn. */
export interface Drawing {
  readonly terminal: Terminal
  readonly glyphs: Glyphs
  readonly sort: SortKey
  readonly reversed: boolean
  /** The id of the row that is. */
  readonly selected?: string | undefined
  /** The figures are old ones. */
  readonly stale?: boolean
}

/** The heading and the rows from one to another, each as one line that fits the terminal. The columns are those that all rows need. */
export function drawTable(rows: readonly Row[], from: number, to: number, drawing: Drawing): string[] {
  const { terminal, glyphs } = drawing
  const named = rows.filter(({ kind }) => kind !== 'note')
  const longest = Math.max(0, ...named.map((row) => indentOf(row) + widthOf(printable(row.label))))
  const address = Math.max(0, ...rows.map(({ socket }) => widthOf(printable(socket?.address ?? ''))))
  const layout = { ...layOut(rows, terminal.columns, longest), address }
  return [
    heading(layout, drawing),
    ...rows.slice(from, to).map((row) => {
      const isSelected = row.id === drawing.selected
      const mark = cell(isSelected ? glyphs.selected : '', gutter)
      // Colours within would end that of the whole line.
      const paint: Terminal['paint'] = isSelected || drawing.stale ? (_, text) => text : terminal.paint
      const line = mark + drawRow(row, layout, { ...drawing, terminal: { columns: terminal.columns, paint } })
      if (isSelected) return terminal.paint('inverse', cell(line, terminal.columns))
      return drawing.stale ? terminal.paint('dim', line) : line
    }),
  ]
}

function heading({ name, gap, columns }: Layout, { terminal, glyphs, sort, reversed }: Drawing): string {
  const mark = (key: SortKey | undefined) => {
    if (key !== sort) return ''
    // Names go up where numbers go down.
    return reversed === (key === 'name') ? glyphs.descending : glyphs.ascending
  }
  const titles = columns.map(({ title, width, left, sort: key }) => cell(title + mark(key), width, { right: !left }))
  const line = [cell(`WATCHER${mark('name')}`, name), ...titles].join(' '.repeat(gap))
  return terminal.paint('bold', cell(`${' '.repeat(gutter)}${line}`, terminal.columns))
}

/** With how wide the longest address is. */
type TableLayout = Layout & { readonly address: number }

function drawRow(row: Row, layout: TableLayout, drawing: Drawing): string {
  switch (row.kind) {
    case 'gap':
      return ''
    case 'note':
      return drawing.terminal.paint(
        'red',
        cell(`${indent(row)}${row.label}`, drawing.terminal.columns - gutter).trimEnd(),
      )
    case 'sockets':
      return drawing.terminal.paint(
        'bold',
        socketLine(['SOCKET', 'ADDRESS', 'HITS', 'QUEUE', row.label], layout, drawing),
      )
    case 'socket': {
      const { name, fd, address = '', hits, queue, limit, watchers = [] } = row.socket ?? { fd: undefined }
      const waiting = queue === undefined ? '' : limit === undefined ? String(queue) : `${queue}/${limit}`
      const texts = [name ?? row.label, name === undefined ? address : address || `fd ${fd}`, String(hits ?? '')]
      return socketLine([...texts, waiting, watchers.join(', ')], layout, drawing)
    }
    default:
      return figureLine(row, layout, drawing)
  }
}

function figureLine(row: Row, { name, gap, columns }: Layout, { terminal, glyphs }: Drawing): string {
  const mark = row.fold === undefined ? '' : `${row.fold === 'open' ? glyphs.open : glyphs.closed} `
  // However long the name, one sees how many processes there are.
  const count = row.kind === 'watcher' ? (/ \([\d/]+\)$/.exec(row.label)?.[0] ?? '') : ''
  const named = row.label.slice(0, row.label.length - count.length)
  const label = cell(`${cell(`${indent(row)}${mark}${named}`, name - count.length).trimEnd()}${count}`, name)
  const cells = columns.map(({ text, style, width, left }) => {
    const shown = cell(text(row, width, glyphs), width, { right: !left })
    return paint(terminal, shown.trim() === '' ? undefined : style?.(row), shown)
  })
  const styles: Partial<Record<Row['kind'], Style>> = { watcher: 'bold', child: 'dim', helper: 'dim' }
  return [paint(terminal, styles[row.kind], label), ...cells].join(' '.repeat(gap)).trimEnd()
}

function paint(terminal: Terminal, style: Style | undefined, text: string): string {
  return style === undefined ? text : terminal.paint(style, text)
}

/** The name of a socket, its address, hits, queue and watchers; what a narrow terminal has no room for is left out. */
function socketLine(
  texts: readonly string[],
  { name, gap, address: longest }: TableLayout,
  { terminal }: Drawing,
): string {
  const [socket = '', address = '', hits = '', queue = '', watchers = ''] = texts
  const rest = terminal.columns - gutter - name - gap
  const numbers = [cell(hits, 6, { right: true }), cell(queue, 9, { right: true })].join(' '.repeat(gap))
  const beside = rest - widthOf(numbers) - gap
  const place = Math.min(beside, Math.max(12, Math.min(Math.max(32, longest), beside - 12)))
  const users = beside - place - gap - 2
  const line = [cell(socket, name), ...(place > 7 ? [cell(address, place)] : []), numbers]
  if (users >= 8) line.push(` ${cell(watchers, users)}`)
  return cell(line.join(' '.repeat(gap)), terminal.columns - gutter).trimEnd()
}

/** Below a row that can be folded, the mark takes two columns as well. */
const indentOf = ({ depth, fold }: Row) => depth * 2 + (fold === undefined ? 0 : 2)
const indent = ({ depth }: Row) => ' '.repeat(depth * 2)
