import type { ControlCommand } from '../command.ts'
import { match, oneOrAll, waiting } from '../shared-flags.ts'

export const stop: ControlCommand = {
  name: 'stop',
  summary: 'Stop all watchers, or those of a name; the daemon stays.',
  args: [oneOrAll],
  flags: { ...match, ...waiting },
  examples: ['stop web --waiting', "stop 'web-*'"],
  properties: ([name], { match, waiting }) => ({ name, match, waiting }),
}
