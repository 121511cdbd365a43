import { columns } from '../circusctl/columns.ts'
import { printable } from '../circusctl/table.ts'
import type { Glyphs } from './glyphs.ts'

const moving = [
  ['Up Down', 'select a row; PgUp, PgDn, Home and End go further'],
  ['Left Right', 'hide or show what is below a row; Enter and Space do either, a does it for all'],
  ['< >', 'sort by another column; or N name, C CPU, M memory, A age, R restarts, F descriptors, T threads'],
  ['i', 'turn the order round; so does the same letter again'],
  ['/', 'show only rows with a text in the watcher, command, user or pid; Esc shows all again'],
  ['t', 'show the children of processes'],
  ['p', 'pause: the figures stand still'],
  ['o', 'the last lines that the selected watcher or process wrote'],
  ['q', 'leave; ? shows this, Ctrl-L draws anew, Ctrl-Z suspends'],
] as const

const acting = [
  ['s x', 'start, stop the watcher'],
  ['r', 'restart the watcher; on a process, that process alone'],
  ['l', 'reload the watcher gracefully'],
  ['+ -', 'one process more, one less'],
  ['k', 'send a signal to the process, its child, or all of the watcher'],
] as const

const meanings = [
  ['CPU%', 'of one processor; of a watcher, the sum of its processes, without their children'],
  ['LAST MINUTE', 'its processor time; the tallest is the highest of the minute, or 10% where that is less'],
  ['RST', 'restarts: places that were filled again'],
  ['HITS', 'how often a socket was found ready in the last second; QUEUE waits to be accepted, of the most that may'],
] as const

/** What `?` shows. */
export function helpLines(width: number, { blocks }: Glyphs): string[] {
  const part = (heading: string, rows: readonly (readonly [string, string])[]) => [
    heading,
    ...columns(rows, width - 2).map((line) => `  ${line}`),
  ]
  return [
    ...part('Look', moving),
    '',
    ...part('Act on the selected row, once y has confirmed it', acting),
    '',
    ...part('What the columns mean', meanings),
    '',
    `  ${printable(blocks)}  Figures come from the statistics channel: statsd = True in [circus].`,
  ]
}
