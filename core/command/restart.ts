import { properties } from '../schema.ts'
import { Accepted, defineCommand } from './command.ts'
import { onEach } from './on-each.ts'
import { match, optionalName, reason, waiting } from './properties.ts'

/**
 * `restart`: stop, then start one watcher, those that match, or all. `reason` is what a program that restarts watchers by
 * itself gives: it is in the log, and in the payload of `stop`.
 *
 * Reply  `info: { started, kept, stopped }` when waiting for one watcher
 * Errors `ERR_WATCHER_UNKNOWN`, and those of `start`
 */
export const restart = defineCommand({
  name: 'restart',
  summary: 'Restart watchers.',
  role: 'operate',
  properties: properties({ name: optionalName, match, waiting, reason }),
  execute({ arbiter }, { name, match, reason }) {
    if (name === undefined) return new Accepted(arbiter.stopWatchers('restart').then(() => arbiter.startWatchers()))
    return onEach(arbiter, { name, match }, (watcher) => watcher.restart(reason), ['started', 'kept', 'stopped'])
  },
})
