import { flattenOptions } from '../config/index.ts'
import { properties } from '../schema.ts'
import { defineCommand } from './command.ts'
import { name } from './properties.ts'

/** `options`: all options of a watcher. Reply: `options`. Errors: `ERR_WATCHER_UNKNOWN`. */
export const options = defineCommand({
  name: 'options',
  summary: 'Show all options of a watcher.',
  readOnly: true,
  showsOptions: true,
  properties: properties({ name }),
  execute: ({ arbiter }, { name }) => ({ options: flattenOptions(arbiter.watcher(name).config) }),
})
