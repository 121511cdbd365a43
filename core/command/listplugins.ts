import { properties } from '../schema.ts'
import { defineCommand } from './command.ts'

/**
 * `listplugins`: the plugins of the daemon.
 *
 * Reply  `plugins: { NAME: { use, summary, isolated, running, failures, commands } }`: `running` is, of an isolated one,
 *        whether its process has said that it is at work; `failures` how often a function of it failed; `commands` those
 *        it contributes
 */
export const listplugins = defineCommand({
  name: 'listplugins',
  summary: 'List the plugins of the daemon.',
  readOnly: true,
  properties: properties({}),
  execute({ arbiter }) {
    const commands = Object.entries(arbiter.commands.describe())
    const all = arbiter.plugins.loaded.map((plugin) => {
      const { name, use, isolate } = plugin.config
      const failures = plugin.where === 'daemon' ? plugin.scope.failures : (plugin.report?.failures ?? 0)
      const contributed = commands.filter(([, command]) => command.plugin === name).map(([command]) => command)
      const running = arbiter.plugins.isRunning(name)
      return [
        name,
        { use, summary: plugin.summary ?? null, isolated: isolate, running, failures, commands: contributed },
      ] as const
    })
    return { plugins: Object.fromEntries(all) }
  },
})
