import { integer, properties } from '../schema.ts'
import { defineCommand } from './command.ts'
import { name, waiting } from './properties.ts'
import { resize } from './resize.ts'

/** `incr`: add processes to a watcher. Reply: `numprocesses`, the new number. Errors: `ERR_WATCHER_UNKNOWN`. */
export const incr = defineCommand({
  name: 'incr',
  summary: 'Add processes to a watcher.',
  role: 'operate',
  properties: properties({ name, nb: integer('how many', 1, 0), waiting }),
  execute: ({ arbiter }, { name, nb }) => resize(arbiter.watcher(name), nb),
})
