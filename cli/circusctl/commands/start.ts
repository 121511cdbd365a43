import type { ControlCommand } from '../command.ts'
import { match, oneOrAll, waiting } from '../shared-flags.ts'

export const start: ControlCommand = {
  name: 'start',
  summary: 'Start all watchers, or those of a name.',
  args: [oneOrAll],
  flags: { ...match, ...waiting },
  examples: ['start web --waiting', "start 'web-*'"],
  properties: ([name], { match, waiting }) => ({ name, match, waiting }),
}
