import type { Style, Terminal } from './output.ts'

/** One column of a table. A column in which no row has a text is left out. */
export interface Column<Row> {
  readonly title: string
  text(row: Row): string
  style?(row: Row): Style | undefined
  /** Aligned to the right, as numbers are. @default false */
  readonly right?: boolean
  /** May be left out where the terminal is too narrow: the highest first. @default it stays */
  readonly dispensable?: number
  /** Is cut down to this width before any column is left out. @default not cut */
  readonly least?: number
}

interface Cell {
  readonly text: string
  readonly style: Style | undefined
}

interface Laid<Row> {
  readonly column: Column<Row>
  readonly cells: readonly Cell[]
  width: number
}

const gap = '  '

/** Narrower than this no column is made. */
const narrowest = 6

/** Rows as a table that fits the width of a terminal. */
export function formatTable<Row>(rows: readonly Row[], columns: readonly Column<Row>[], terminal: Terminal): string {
  const laid = fit(columns.map((column) => lay(column, rows)).filter(hasText), terminal.columns)
  const title: Laid<Row>['cells'] = laid.map(({ column }) => ({ text: column.title, style: ['bold'] }))
  const lines = [title, ...rows.map((_, at) => laid.map(({ cells }) => cells[at] as Cell))]
  return lines
    .map((cells) =>
      cells
        .map((cell, at) => paint(cell, laid[at] as Laid<Row>, at === laid.length - 1, terminal))
        .join(gap)
        .trimEnd(),
    )
    .join('\n')
}

function lay<Row>(column: Column<Row>, rows: readonly Row[]): Laid<Row> {
  const cells = rows.map((row) => ({ text: printable(column.text(row)), style: column.style?.(row) }))
  return { column, cells, width: Math.max(column.title.length, ...cells.map(({ text }) => widthOf(text))) }
}

function hasText<Row>({ cells }: Laid<Row>): boolean {
  return cells.length === 0 || cells.some(({ text }) => text !== '')
}

function fit<Row>(all: readonly Laid<Row>[], columns: number): Laid<Row>[] {
  const laid = [...all]
  const excess = () => laid.reduce((sum, { width }) => sum + width, gap.length * (laid.length - 1)) - columns
  for (const one of laid) {
    if (one.column.least === undefined || excess() <= 0) continue
    one.width = Math.min(one.width, Math.max(one.column.least, one.width - excess()))
  }
  while (excess() > 0) {
    const ranks = laid.map(({ column }) => column.dispensable ?? 0)
    const highest = Math.max(...ranks)
    if (highest === 0) break
    laid.splice(ranks.indexOf(highest), 1)
  }
  while (excess() > 0) {
    const widest = laid.reduce((a, b) => (b.width > a.width ? b : a))
    if (widest.width <= narrowest) break
    widest.width = Math.max(narrowest, widest.width - excess())
  }
  return laid
}

function paint<Row>({ text, style }: Cell, { column, width }: Laid<Row>, isLast: boolean, terminal: Terminal): string {
  const cut = widthOf(text) > width ? `${cutTo(text, width - 1)}…` : text
  const blanks = ' '.repeat(Math.max(0, width - widthOf(cut)))
  const painted = style && cut ? terminal.paint(style, cut) : cut
  if (column.right) return `${blanks}${painted}`
  return isLast ? painted : `${painted}${blanks}`
}

/** Text that does nothing to a terminal but show: control characters, and those that turn the direction of letters, are written out. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
  return text.replace(/[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g, (unit) => {
    if (unit < ' ') return JSON.stringify(unit).slice(1, -1)
    return unit < '\u2000' ? '?' : `\\u${unit.charCodeAt(0).toString(16)}`
  })
}

/** How many columns of a terminal a text takes. */
export function widthOf(text: string): number {
  let width = 0
  for (const sign of text) width += signWidth(sign)
  return width
}

/** As much of a text as a terminal shows in so many columns. */
export function cutTo(text: string, width: number): string {
  let rest = width
  let cut = ''
  for (const sign of text) {
    rest -= signWidth(sign)
    if (rest < 0) break
    cut += sign
  }
  return cut
}

/** What Unicode's East Asian Width has as wide, without the gaps between. */
const wide =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{1b2ff}\u{20000}-\u{3fffd}\p{Emoji_Presentation}]$/u

function signWidth(sign: string): number {
  if (sign < '\u0300') return 1
  if (/^[\p{Mn}\p{Me}\p{Cf}]$/u.test(sign)) return 0
  return wide.test(sign) ? 2 : 1
}
