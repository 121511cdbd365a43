import type { ControlCommand } from '../command.ts'

interface Described {
  readonly summary: string
  readonly plugin?: string
}

export const commands: ControlCommand = {
  name: 'commands',
  summary: 'List what the daemon answers, its plugins included.',
  print({ commands }) {
    const rows = Object.entries(Object(commands) as Record<string, Described>).sort(([a], [b]) => (a < b ? -1 : 1))
    const width = Math.max(0, ...rows.map(([name]) => name.length))
    return rows
      .map(([name, { summary, plugin }]) => `${name.padEnd(width)}  ${summary}${plugin ? ` (${plugin})` : ''}`)
      .join('\n')
  },
}
