import { properties } from '../schema.ts'
import { defineCommand } from './command.ts'
import { optionalName } from './properties.ts'

/**
 * `status`: of all watchers, or of one.
 *
 * Reply  `{ statuses: {name: status}, reasons: {name: why it is stopped though nobody stopped it} }`, or for one
 *        `{ status, reason? }`, in place of the reply's own `status`
 * Errors `ERR_WATCHER_UNKNOWN`
 */
export const status = defineCommand({
  name: 'status',
  summary: 'Show the status of watchers.',
  readOnly: true,
  // Why a start failed may quote options.
  showsOptions: true,
  properties: properties({ name: optionalName }),
  execute({ arbiter }, { name }) {
    if (name !== undefined) {
      const { status, reason } = arbiter.watcher(name)
      return { status, ...(reason !== null && { reason }) }
    }
    const { watchers } = arbiter
    return {
      statuses: Object.fromEntries(watchers.map((watcher) => [watcher.name, watcher.status])),
      reasons: Object.fromEntries(
        watchers.filter(({ reason }) => reason !== null).map(({ name, reason }) => [name, reason]),
      ),
    }
  },
})
