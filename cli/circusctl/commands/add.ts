import type { ControlCommand } from '../command.ts'
import { waiting, watcher } from '../shared-flags.ts'

export const add: ControlCommand = {
  name: 'add',
  summary: 'Add a watcher.',
  args: [
    watcher,
    {
      name: 'cmd',
      description: 'the command it runs; -- before it keeps flags like --timeout its own',
      required: true,
    },
  ],
  variadicAfter: 2,
  flags: { start: { type: 'boolean', description: 'start it as well' }, ...waiting },
  examples: ['add --start web node server.js --port 8080', 'add --start web -- gunicorn --timeout 30 app:app'],
  properties: ([name, ...cmd], { start = false, waiting }) => ({ name, cmd: cmd.join(' '), start, waiting }),
}
