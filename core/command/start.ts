import { properties } from '../schema.ts'
import { Accepted, defineCommand } from './command.ts'
import { onEach } from './on-each.ts'
import { match, optionalName, waiting } from './properties.ts'

/**
 * `start`: one watcher, those that match, or all that start by themselves.
 *
 * Reply  `info: { started, kept }` when waiting for one watcher
 * Errors `ERR_WATCHER_UNKNOWN`, `ERR_START_FAILED`, `ERR_VETOED`, `ERR_START_ABORTED`
 */
export const start = defineCommand({
  name: 'start',
  summary: 'Start watchers.',
  role: 'operate',
  properties: properties({ name: optionalName, match, waiting }),
  execute({ arbiter }, { name, match }) {
    if (name === undefined) return new Accepted(arbiter.startWatchers())
    return onEach(arbiter, { name, match }, (watcher) => watcher.start(), ['started', 'kept'])
  },
})
