import { flag, properties } from '../schema.ts'
import { Accepted, defineCommand } from './command.ts'
import { onEach } from './on-each.ts'
import { match, optionalName, reason, waiting } from './properties.ts'

/**
 * `reload`: replace the processes of one watcher, those that match, or all, without a gap where that is possible.
 * `reason` as for `restart`; the event that has it is `reload`.
 *
 * Reply  `info: { started, kept, stopped }` when waiting for one watcher
 * Errors `ERR_WATCHER_UNKNOWN`, `ERR_START_FAILED` (the old processes then stay)
 */
export const reload = defineCommand({
  name: 'reload',
  summary: 'Replace the processes of watchers gracefully.',
  role: 'operate',
  properties: properties({
    name: optionalName,
    match,
    graceful: flag('false: a restart', true),
    sequential: flag('one process after the other'),
    waiting,
    reason,
  }),
  execute({ arbiter }, { name, match, graceful, sequential, reason }) {
    const how = { graceful, sequential, ...(reason !== undefined && { reason }) }
    if (name === undefined) return new Accepted(arbiter.reload(how))
    return onEach(arbiter, { name, match }, (watcher) => watcher.reload(how), ['started', 'kept', 'stopped'])
  },
})
