import { integer, properties } from '../schema.ts'
import { defineCommand } from './command.ts'
import { name, waiting } from './properties.ts'
import { resize } from './resize.ts'

/** `decr`: take processes from a watcher. Reply: `numprocesses`, the new number. Errors: `ERR_WATCHER_UNKNOWN`. */
export const decr = defineCommand({
  name: 'decr',
  summary: 'Take processes from a watcher.',
  role: 'operate',
  properties: properties({ name, nb: integer('how many', 1, 0), waiting }),
  execute: ({ arbiter }, { name, nb }) => resize(arbiter.watcher(name), -nb),
})
