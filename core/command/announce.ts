import { flag, properties, text } from '../schema.ts'
import { defineCommand } from './command.ts'

/**
 * `announce`: tell the daemon where the stats channel is, when a program beside it has opened that; `globaloptions`
 * answers it from then on, unless the daemon has one itself, until it is `gone`.
 */
export const announce = defineCommand({
  name: 'announce',
  summary: 'Tell the daemon where its stats are published, when another program does that.',
  role: 'admin',
  properties: properties({
    stats_endpoint: text('where the stats channel is'),
    gone: flag('it was there, and is no more'),
  }),
  execute({ arbiter }, { stats_endpoint, gone }) {
    if (gone) arbiter.withdrawStats(stats_endpoint)
    else arbiter.announceStats('beside', stats_endpoint)
  },
})
