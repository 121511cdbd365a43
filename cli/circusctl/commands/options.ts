import type { ControlCommand } from '../command.ts'
import { formatOptions } from '../format.ts'
import { watcher } from '../shared-flags.ts'

export const options: ControlCommand = {
  name: 'options',
  summary: 'Show all options of a watcher.',
  args: [watcher],
  properties: ([name]) => ({ name }),
  print: ({ options }) => formatOptions(options),
}
