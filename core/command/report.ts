import { flag, integer, number, optionalText, properties, text } from '../schema.ts'
import { defineCommand } from './command.ts'

/**
 * `report`: an isolated plugin tells the daemon that it is at work, every few seconds, or of a failure, which is published
 * as `plugin.NAME.failure`; or has it log a secret that others who read its output may not see.
 *
 * Errors `ERR_PLUGIN_UNKNOWN`
 */
export const report = defineCommand({
  name: 'report',
  summary: 'Tell the daemon how an isolated plugin is doing.',
  role: 'admin',
  readOnly: true, // nobody wants to read of each in the log
  properties: properties({
    plugin: text('its name'),
    pid: integer('its process', 0),
    at_work: flag('its setup is done'),
    failures: integer('how often a function of it failed', 0),
    busy_ms: number('milliseconds its functions have kept its event loop', 0, { min: 0, max: Number.MAX_SAFE_INTEGER }),
    dropped_lines: integer('lines that were too many for the log', 0, 0),
    what: optionalText('which function failed now'),
    error: optionalText('how'),
    notice: optionalText('a secret that is to stand in the log'),
  }),
  execute(
    { arbiter },
    { plugin, pid, at_work: atWork, failures, busy_ms: busyMs, dropped_lines, what, error, notice },
  ) {
    if (notice !== undefined) return arbiter.plugins.disclose(plugin, notice)
    const failure = what !== undefined && error !== undefined ? { what, error, failures } : undefined
    const figures = { pid, atWork, failures, busyMs, droppedLines: dropped_lines }
    arbiter.plugins.report(plugin, { ...figures, ...(failure && { failure }) })
  },
})
