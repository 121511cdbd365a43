import { properties } from '../schema.ts'
import { defineCommand } from './command.ts'

/** `numwatchers`: how many watchers there are. */
export const numwatchers = defineCommand({
  name: 'numwatchers',
  summary: 'Count the watchers.',
  readOnly: true,
  properties: properties({}),
  execute: ({ arbiter }) => ({ numwatchers: arbiter.watchers.length }),
})
