import type { ControlCommand } from '../command.ts'
import { match, oneOrAll, waiting } from '../shared-flags.ts'

export const restart: ControlCommand = {
  name: 'restart',
  summary: 'Stop and start all watchers, or those of a name.',
  args: [oneOrAll],
  flags: { ...match, ...waiting },
  examples: ['restart web --waiting', "restart 'web-*'"],
  properties: ([name], { match, waiting }) => ({ name, match, waiting }),
}
