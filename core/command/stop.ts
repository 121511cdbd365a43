import { properties } from '../schema.ts'
import { Accepted, defineCommand } from './command.ts'
import { onEach } from './on-each.ts'
import { match, optionalName, waiting } from './properties.ts'

/** `stop`: one watcher, those that match, or all. Reply: `info: null` when waiting for one. Errors: `ERR_WATCHER_UNKNOWN`. */
export const stop = defineCommand({
  name: 'stop',
  summary: 'Stop watchers.',
  properties: properties({ name: optionalName, match, waiting }),
  execute({ arbiter }, { name, match }) {
    if (name === undefined) return new Accepted(arbiter.stopWatchers('stop'))
    return onEach(arbiter, { name, match }, (watcher) => watcher.stop())
  },
})
