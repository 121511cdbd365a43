import type { ControlCommand } from '../command.ts'

export const numwatchers: ControlCommand = {
  name: 'numwatchers',
  summary: 'Count the watchers.',
  print: ({ numwatchers }) => String(numwatchers),
}
