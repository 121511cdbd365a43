import type { ControlCommand } from '../command.ts'
import { formatOptions } from '../format.ts'

export const globaloptions: ControlCommand = {
  name: 'globaloptions',
  summary: "Show the daemon's options, or one of them.",
  args: [{ name: 'option', description: 'only this one' }],
  examples: ['globaloptions', 'globaloptions pubsub_endpoint'],
  properties: ([option]) => ({ option }),
  print: ({ options }) => formatOptions(options),
}
