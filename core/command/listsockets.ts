import { properties } from '../schema.ts'
import { defineCommand } from './command.ts'

/** `listsockets`: the sockets the daemon has bound, by descriptor. Reply: `sockets`; this version binds none. */
export const listsockets = defineCommand({
  name: 'listsockets',
  summary: 'List the sockets of the daemon.',
  readOnly: true,
  properties: properties({}),
  execute: () => ({ sockets: [] }),
})
