import { type ControlCommand, UsageError } from '../command.ts'
import { pidOf, watcher } from '../shared-flags.ts'

export const signal: ControlCommand = {
  name: 'signal',
  summary: 'Send a signal to the processes of a watcher: signal NAME [PID] [CHILDPID] SIGNUM.',
  args: [watcher, { name: 'signum', description: 'a number or name, after the pids if there are any', required: true }],
  variadicAfter: 2,
  flags: {
    children: { type: 'boolean', description: 'to the children of the process, not to itself' },
    recursive: { type: 'boolean', description: 'to all its descendants too' },
  },
  examples: ['signal web HUP', 'signal web 4711 15', 'signal web 4711 USR1 --children'],
  properties([name, ...rest], { children, recursive }) {
    if (rest.length > 3) throw new UsageError('at most NAME, PID, CHILDPID and SIGNUM')
    const [pid, childpid] = rest.slice(0, -1).map(pidOf)
    return { name, pid, childpid, signum: rest.at(-1), children, recursive }
  },
}
