import { properties } from '../schema.ts'
import { Accepted, defineCommand } from './command.ts'
import { onEach } from './on-each.ts'
import { match, optionalName, waiting } from './properties.ts'

/**
 * `restart`: stop, then start one watcher, those that match, or all.
 *
 * Reply  `info: { started, kept, stopped }` when waiting for one watcher
 * Errors `ERR_WATCHER_UNKNOWN`, and those of `start`
 */
export const restart = defineCommand({
  name: 'restart',
  summary: 'Restart watchers.',
  role: 'operate',
  properties: properties({ name: optionalName, match, waiting }),
  execute({ arbiter }, { name, match }) {
    if (name === undefined) return new Accepted(arbiter.stopWatchers('restart').then(() => arbiter.startWatchers()))
    return onEach(arbiter, { name, match }, (watcher) => watcher.restart(), ['started', 'kept', 'stopped'])
  },
})
