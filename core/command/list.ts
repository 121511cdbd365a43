import { flag, properties } from '../schema.ts'
import type { Watcher } from '../watcher.ts'
import { defineCommand } from './command.ts'
import { optionalName } from './properties.ts'

/**
 * `list`: names of all watchers (`watchers`), or the pids of one (`pids`). With `processes` also what is known of their
 * processes without looking at them: `processes: {watcher: {restarts, restarts_by,
 * numprocesses, processes: [{pid, wid, started, start_time, restarts}]}}`.
 *
 * Errors `ERR_WATCHER_UNKNOWN`
 */
export const list = defineCommand({
  name: 'list',
  summary: 'List the watchers, or the processes of one.',
  readOnly: true,
  properties: properties({ name: optionalName, processes: flag('what is known of the processes, too') }),
  execute({ arbiter }, { name, processes }) {
    const known = (watchers: readonly Watcher[]) =>
      processes && { processes: Object.fromEntries(watchers.map((each) => [each.name.toLowerCase(), knownOf(each)])) }
    if (name !== undefined) {
      const watcher = arbiter.watcher(name)
      return { pids: watcher.pids, ...known([watcher]) }
    }
    const { watchers } = arbiter
    return { watchers: watchers.map((watcher) => watcher.name.toLowerCase()).sort(), ...known(watchers) }
  },
})

/** `start_time`: clock ticks since boot, with which the kernel tells processes apart that have the same pid. */
function knownOf({ processes, history, options }: Watcher): object {
  return {
    restarts: history.restarts,
    restarts_by: history.restartsBy,
    numprocesses: options.numprocesses,
    processes: processes.map(({ pid, wid, startedAt, startTime }) => ({
      pid,
      wid,
      started: startedAt / 1000,
      start_time: startTime,
      restarts: history.restartsOf(wid),
    })),
  }
}
