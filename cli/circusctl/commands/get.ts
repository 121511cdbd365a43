import type { ControlCommand } from '../command.ts'
import { formatOptions } from '../format.ts'
import { watcher } from '../shared-flags.ts'

export const get: ControlCommand = {
  name: 'get',
  summary: 'Show some options of a watcher.',
  args: [watcher, { name: 'key', description: 'options to show', required: true }],
  variadicAfter: Number.POSITIVE_INFINITY,
  examples: ['get web numprocesses max_retry'],
  properties: ([name, ...keys]) => ({ name, keys }),
  print: ({ options }) => formatOptions(options),
}
