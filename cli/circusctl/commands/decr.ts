import type { ControlCommand } from '../command.ts'
import { asNumber } from '../option-value.ts'
import { resized } from '../resized.ts'
import { waiting, watcher } from '../shared-flags.ts'

export const decr: ControlCommand = {
  name: 'decr',
  summary: 'Take processes from a watcher.',
  args: [watcher, { name: 'nb', description: 'how many processes (1)' }],
  flags: waiting,
  examples: ['decr web', 'decr web 3'],
  properties: ([name, nb], { waiting }) => ({ name, nb: nb && asNumber(nb), waiting }),
  print: resized,
}
