import { properties, text } from '../schema.ts'
import { defineCommand } from './command.ts'

/**
 * `announce`: tell the daemon where the stats channel is, when a program beside it has opened that; `globaloptions`
 * answers it from then on.
 */
export const announce = defineCommand({
  name: 'announce',
  summary: 'Tell the daemon where its stats are published, when another program does that.',
  role: 'admin',
  properties: properties({ stats_endpoint: text('where the stats channel is') }),
  execute({ arbiter }, { stats_endpoint }) {
    arbiter.announceStats(stats_endpoint)
  },
})
