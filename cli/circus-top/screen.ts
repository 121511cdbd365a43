import type { Terminal } from '../circusctl/output.ts'
import { drawFooter } from './footer.ts'
import type { Glyphs } from './glyphs.ts'
import { drawHeader, type Heading } from './header.ts'
import { helpLines } from './help.ts'
import { drawOutput, type Output } from './output.ts'
import type { Row } from './rows.ts'
import { drawTable } from './table.ts'
import { cell } from './text.ts'
import { selectedRow, type View } from './view.ts'

/** All that is on the screen. */
export interface Scene extends Heading {
  readonly view: View
  readonly rows: readonly Row[]
  readonly output: Output
}

/** What was drawn. */
export interface Frame {
  /** Just as many as the terminal has, none longer than it is wide. */
  readonly lines: readonly string[]
  /** The first row that is on the screen, and how many there can be. */
  readonly top: number
  readonly page: number
}

/**
 * Draw the screen: the header, the rows around the selected one, and the footer.
 *
 * @param top The first row of the last frame: it stays as long as the selected one is on the screen.
 */
export function drawScreen(scene: Scene, terminal: Terminal, height: number, top: number, glyphs: Glyphs): Frame {
  const header = drawHeader(scene, terminal)
  const footer = drawFooter(scene.view, terminal, glyphs).slice(0, Math.max(1, height - 1))
  const room = Math.max(0, height - header.length - footer.length)
  const page = Math.max(1, room - 1)
  const { body, first } = drawBody(scene, terminal, page, top, glyphs)
  const filled = [...header.slice(0, Math.max(0, height - footer.length)), ...body.slice(0, room)]
  while (filled.length < height - footer.length) filled.push('')
  return { lines: [...filled, ...footer].slice(0, height).map(glyphs.line), top: first, page }
}

function drawBody(scene: Scene, terminal: Terminal, page: number, top: number, glyphs: Glyphs) {
  const { view, rows } = scene
  switch (view.mode.id) {
    case 'help': {
      const lines = helpLines(terminal.columns, glyphs)
      const from = Math.min(view.mode.top, Math.max(0, lines.length - page - 1))
      return {
        body: lines.slice(from, from + page + 1).map((line) => cell(line, terminal.columns).trimEnd()),
        first: top,
      }
    }
    case 'output':
      return { body: drawOutput(scene.output, view.mode.row, terminal, page + 1), first: top }
    default: {
      const selected = selectedRow(view, rows)
      const first = scrolled(top, selected ? rows.indexOf(selected) : 0, page, rows.length)
      const { sort, reversed } = view
      const drawing = { terminal, glyphs, sort, reversed, selected: selected?.id, stale: scene.link.id === 'lost' }
      const body = rows.length === 0 ? [emptyText(scene)] : drawTable(rows, first, first + page, drawing)
      return { body, first }
    }
  }
}

/** The first row to show, so that the selected one is on the screen, and no room is left empty below the last. */
export function scrolled(top: number, selected: number, page: number, count: number): number {
  const lowest = Math.max(0, count - page)
  // The row above the first one of all is its heading, as it were.
  const wanted = selected < top ? selected : selected >= top + page ? selected - page + 1 : top
  return Math.max(0, Math.min(wanted, lowest))
}

function emptyText({ view, source }: Scene): string {
  if (view.filter !== '') return '  nothing matches'
  return source.id === 'waiting' ? '' : '  no watchers'
}
