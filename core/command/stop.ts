import { properties } from '../schema.ts'
import { Accepted, defineCommand } from './command.ts'
import { onEach } from './on-each.ts'
import { match, optionalName, reason, waiting } from './properties.ts'

/**
 * `stop`: one watcher, those that match, or all. `reason` is what a program that stops watchers by itself gives: `status`
 * shows it until somebody starts the watcher, or stops it again without one.
 *
 * Reply  `info: null` when waiting for one watcher; `reason` when one was given
 * Errors `ERR_WATCHER_UNKNOWN`
 */
export const stop = defineCommand({
  name: 'stop',
  summary: 'Stop watchers.',
  role: 'operate',
  properties: properties({ name: optionalName, match, waiting, reason }),
  execute({ arbiter }, { name, match, reason }) {
    if (name === undefined) return new Accepted(arbiter.stopWatchers('stop'))
    const { done } = onEach(arbiter, { name, match }, (watcher) => watcher.stop('stop', reason))
    return new Accepted(done, reason === undefined ? {} : { reason })
  },
})
