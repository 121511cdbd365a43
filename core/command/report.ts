import { integer, optionalText, properties, text } from '../schema.ts'
import { defineCommand } from './command.ts'

/**
 * `report`: an isolated plugin tells the daemon that it is at work, or of a failure, which is published as
 * `plugin.NAME.failure`; or has it log a secret that others who read its output may not see.
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
    notice: optionalText('a secret that is to stand in the log'),
  }),
  execute({ arbiter }, { plugin, pid, failures, what, error, notice }) {
    if (notice !== undefined) return arbiter.plugins.disclose(plugin, notice)
    const failure = what !== undefined && error !== undefined ? { what, error, failures } : undefined
    arbiter.plugins.report(plugin, { pid, failures, ...(failure && { failure }) })
  },
})
