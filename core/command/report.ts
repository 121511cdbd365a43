import { integer, optionalText, properties, text } from '../schema.ts'
import { defineCommand } from './command.ts'

/**
 * `report`: an isolated plugin tells the daemon that it is at work, or of a failure, which is published as
 * `plugin.NAME.failure`.
 *
 * Errors `ERR_PLUGIN_UNKNOWN`
 */
export const report = defineCommand({
  name: 'report',
  summary: 'Tell the daemon how an isolated plugin is doing.',
  role: 'admin',
  properties: properties({
    plugin: text('its name'),
    pid: integer('its process', 0),
    failures: integer('how often a function of it failed', 0),
    what: optionalText('which function failed now'),
    error: optionalText('how'),
  }),
  execute({ arbiter }, { plugin, pid, failures, what, error }) {
    const failure = what !== undefined && error !== undefined ? { what, error, failures } : undefined
    arbiter.plugins.report(plugin, { pid, failures, ...(failure && { failure }) })
  },
})
