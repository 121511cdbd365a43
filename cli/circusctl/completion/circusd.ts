import type { ControlCommand } from '../command.ts'

/** The command line of `circusd`, as far as completion needs it. */
export const circusd = {
  name: 'circusd',
  summary: 'Run a configuration, or check it.',
  args: [{ name: 'file', description: 'the configuration' }],
  flags: {
    check: { type: 'boolean', description: 'say what is wrong with the configuration, run nothing' },
    json: { type: 'boolean', description: 'with --check: as JSON' },
    daemon: { type: 'boolean', description: 'return when all is started' },
    pidfile: { type: 'text', description: 'write the pid there' },
    'log-level': {
      type: 'text',
      description: 'the least that is logged',
      options: ['debug', 'info', 'warning', 'error', 'critical'],
    },
    'log-output': { type: 'text', description: 'where the log goes' },
    version: { type: 'boolean', description: 'print the version' },
  },
} as const satisfies ControlCommand
