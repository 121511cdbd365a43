import { properties } from '../schema.ts'
import { defineCommand } from './command.ts'

/**
 * `plugins`: the plugins of the daemon, those that were left out as well.
 *
 * Reply  `plugins: [{ name, state, reason?, use, file?, isolated, failures, last_failure, busy_ms, dropped_lines, … }]`,
 *        by name (`PluginDescription`); of one in a process of its own also `pid`, `rss`, `cpu_seconds` and `restarts`
 */
export const plugins = defineCommand({
  name: 'plugins',
  summary: 'List the plugins of the daemon, and how they are.',
  readOnly: true,
  properties: properties({}),
  execute: ({ arbiter }) => ({ plugins: arbiter.plugins.describe() }),
})
