import type { ControlCommand } from '../command.ts'
import { oneOrAll, waiting } from '../shared-flags.ts'

export const reload: ControlCommand = {
  name: 'reload',
  summary: 'Replace the processes of all watchers or of one, gracefully.',
  args: [oneOrAll],
  flags: {
    terminate: { type: 'boolean', description: 'not gracefully: restart' },
    sequential: { type: 'boolean', description: 'one process after the other' },
    ...waiting,
  },
  examples: ['reload web --sequential --waiting'],
  properties: ([name], { terminate = false, sequential, waiting }) => ({
    name,
    graceful: !terminate,
    sequential,
    waiting,
  }),
}
