import { properties } from '../schema.ts'
import { defineCommand } from './command.ts'
import { optionalName } from './properties.ts'

/** `numprocesses`: how many processes live, of all watchers or of one (with `watcher_name`). Errors: `ERR_WATCHER_UNKNOWN`. */
export const numprocesses = defineCommand({
  name: 'numprocesses',
  summary: 'Count the processes.',
  readOnly: true,
  properties: properties({ name: optionalName }),
  execute({ arbiter }, { name }) {
    if (name !== undefined) return { numprocesses: arbiter.watcher(name).pids.length, watcher_name: name }
    return { numprocesses: arbiter.watchers.reduce((sum, watcher) => sum + watcher.pids.length, 0) }
  },
})
