import type { ControlCommand } from '../command.ts'
import { waiting } from '../shared-flags.ts'

export const quit: ControlCommand = {
  name: 'quit',
  summary: 'Stop every watcher and end the daemon.',
  flags: waiting,
  properties: (_, { waiting }) => ({ waiting }),
}
