import { properties } from '../schema.ts'
import { defineCommand } from './command.ts'
import { optionalName } from './properties.ts'

/** `list`: names of all watchers (`watchers`), or the pids of one (`pids`). Errors: `ERR_WATCHER_UNKNOWN`. */
export const list = defineCommand({
  name: 'list',
  summary: 'List the watchers, or the processes of one.',
  readOnly: true,
  properties: properties({ name: optionalName }),
  execute({ arbiter }, { name }) {
    if (name !== undefined) return { pids: arbiter.watcher(name).pids }
    return { watchers: arbiter.watchers.map((watcher) => watcher.name.toLowerCase()).sort() }
  },
})
