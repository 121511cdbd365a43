import type { Terminal } from '../circusctl/output.ts'
import { widthOf } from '../circusctl/table.ts'
import { whomOf } from './actions.ts'
import type { Glyphs } from './glyphs.ts'
import { cell, wrap } from './text.ts'
import type { View } from './view.ts'

/** A question may be so many lines long. */
const mostLines = 4

/** The lines below the table: a question, a word to the user, or the keys there are. */
export function drawFooter({ mode, message, filter, paused }: View, terminal: Terminal, glyphs: Glyphs): string[] {
  const { columns, paint } = terminal
  switch (mode.id) {
    case 'filter':
      return [cell(`Only what contains: ${filter}${glyphs.cursor}  (Enter keeps it, Esc does not)`, columns).trimEnd()]
    case 'signal': {
      const whom = mode.row.target ? whomOf(mode.row.target) : mode.row.label
      return wrap(`Signal (TERM) to ${whom}: ${mode.text}${glyphs.cursor}`, columns, mostLines)
    }
    case 'confirm': {
      const question = wrap(mode.action.question, columns, mostLines - 1).map((line) => paint('yellow', line))
      return [
        ...question,
        hints(
          [
            ['y', 'yes'],
            ['any other key', 'no'],
          ],
          terminal,
        ),
      ]
    }
    case 'help':
      return [
        hints(
          [
            ['Up Down', 'scroll'],
            ['any other key', 'back'],
          ],
          terminal,
        ),
      ]
    case 'output':
      return [hints([['Esc', 'back']], terminal)]
    case 'table':
      if (message) {
        const style = { done: 'green', failed: 'red', busy: 'yellow' } as const
        return wrap(message.text, columns, mostLines).map((line) => paint(style[message.kind], line))
      }
      return [hints(paused ? [['p', 'go on'], ...tableKeys.filter(([key]) => key !== 'p')] : tableKeys, terminal)]
  }
}

/** The most important first. */
const tableKeys: readonly (readonly [key: string, what: string])[] = [
  ['?', 'help'],
  ['q', 'quit'],
  ['s', 'start'],
  ['x', 'stop'],
  ['r', 'restart'],
  ['l', 'reload'],
  ['k', 'signal'],
  ['+-', 'size'],
  ['o', 'output'],
  ['/', 'filter'],
  ['<>', 'sort'],
  ['t', 'tree'],
  ['a', 'fold'],
  ['p', 'pause'],
]

/** As many keys as there is room for. */
function hints(keys: readonly (readonly [string, string])[], { columns, paint }: Terminal): string {
  let room = columns
  const parts: string[] = []
  for (const [key, what] of keys) {
    const width = widthOf(`${key} ${what}`) + (parts.length > 0 ? 2 : 0)
    if (width > room) break
    room -= width
    parts.push(`${paint('bold', key)} ${paint('dim', what)}`)
  }
  return parts.join('  ')
}
