import type { ControlCommand } from '../command.ts'
import { waiting, watcher } from '../shared-flags.ts'

export const kill: ControlCommand = {
  name: 'kill',
  summary: 'Stop processes of a watcher, with SIGKILL in the end; they are respawned as usual.',
  args: [
    watcher,
    { name: 'pid', description: 'only this process' },
    { name: 'signum', description: 'in place of stop_signal' },
    { name: 'graceful_timeout', description: 'seconds until SIGKILL' },
  ],
  flags: {
    pid: { type: 'number', description: 'only this process' },
    signum: { type: 'text', description: 'in place of stop_signal' },
    graceful_timeout: { type: 'number', description: 'seconds until SIGKILL' },
    ...waiting,
  },
  examples: ['kill web', 'kill web --signum INT --graceful_timeout 3'],
  properties: ([name, pid, signum, grace], flags) => ({
    name,
    pid: flags.pid ?? pid,
    signum: flags.signum ?? signum,
    graceful_timeout: flags.graceful_timeout ?? grace,
    waiting: flags.waiting,
  }),
}
