import { describeOptionTable } from '../config/index.ts'
import { properties } from '../schema.ts'
import { defineCommand } from './command.ts'

/**
 * `watcheroptions`: every option a watcher can have that is one value, for who makes forms of them.
 *
 * Reply  `options: { NAME: { default, effect, expected, doc } }`: `effect` is what changing it means for a running watcher
 *        (`replace`, `resize` or `none`), `expected` what to write, to follow "must be"
 */
export const watcheroptions = defineCommand({
  name: 'watcheroptions',
  summary: 'Show what options a watcher can have.',
  readOnly: true,
  properties: properties({}),
  execute: () => ({ options: describeOptionTable() }),
})
