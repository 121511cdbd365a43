import { integer, properties, seconds } from '../schema.ts'
import { Accepted, defineCommand } from './command.ts'
import { name, optionalSignal, waiting } from './properties.ts'

/**
 * `kill`: stop the processes of a watcher, or one of them: the stop signal, and SIGKILL after the timeout. The watcher
 * then replaces them as usual.
 *
 * Errors `ERR_WATCHER_UNKNOWN`
 */
export const kill = defineCommand({
  name: 'kill',
  summary: 'Stop processes of a watcher; it replaces them as usual.',
  role: 'operate',
  properties: properties({
    name,
    pid: integer('just this process', undefined, 1),
    signum: optionalSignal,
    graceful_timeout: seconds('time until SIGKILL, in place of the one of the watcher'),
    waiting,
  }),
  execute({ arbiter }, { name, pid, signum, graceful_timeout }) {
    const watcher = arbiter.watcher(name)
    // As in the original, it is no error when the process has ended meanwhile.
    const processes = watcher.processes.filter((process) => pid === undefined || process.pid === pid)
    const graceMs = graceful_timeout === undefined ? undefined : graceful_timeout * 1000
    return new Accepted(
      Promise.all(processes.map((process) => watcher.kill(process, { signum, graceMs }))).then(() => {}),
    )
  },
})
