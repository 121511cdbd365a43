import { flag, properties } from '../schema.ts'
import { Accepted, defineCommand } from './command.ts'
import { name, waiting } from './properties.ts'

/** `rm`: stop a watcher and forget it; with `nostop` its processes live on, unwatched. Errors: `ERR_WATCHER_UNKNOWN`. */
export const rm = defineCommand({
  name: 'rm',
  summary: 'Remove a watcher.',
  properties: properties({ name, nostop: flag('leave its processes running'), waiting }),
  execute({ arbiter }, { name, nostop }) {
    // Unknown names are refused also when nobody waits.
    arbiter.watcher(name)
    return new Accepted(arbiter.remove(name, { nostop }))
  },
})
