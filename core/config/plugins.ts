import { boolean, integer, optional, text } from './kind.ts'
import { isClassPath, originalPlugins } from './original-plugins.ts'
import { problemMessage } from './problem.ts'
import type { Report } from './report.ts'
import type { NamedEntries } from './source.ts'
import { type OptionTable, readTable } from './table.ts'
import type { CircusOptions, Config, PluginConfig } from './types.ts'

/** The options of `[plugin:NAME]` that are not the plugin's own. */
interface PluginOptions {
  use: string | null
  active: boolean
  priority: number
  isolate: boolean
}

const pluginTable: OptionTable<PluginOptions> = {
  use: { kind: optional(text), default: null, doc: 'what to load: a name, a path or a package; NAME by default' },
  active: { kind: boolean, default: true, doc: 'false leaves the plugin out' },
  priority: { kind: integer(), default: 0, doc: 'higher loads first' },
  isolate: { kind: boolean, default: false, doc: 'run in a process of its own' },
}

/** Resolve the `[plugin:NAME]` sections; those with `active = false` are left out. */
export function buildPlugins(plugins: readonly NamedEntries[], report: Report): PluginConfig[] {
  return plugins.flatMap(({ name, origin, entries }) => {
    const { options, origins, rest, problems } = readTable(pluginTable, entries)
    for (const { entry, problem } of problems) report.error(entry.origin, problemMessage(`plugin:${name}`, problem))
    const use = options.use ?? name
    if (use === '') report.error(origin, '[plugin:]: a plugin needs a name')
    if (!options.active) return []
    if (isClassPath(use) && !originalPlugins.has(use)) {
      const instead = 'write the name of a built-in plugin, the path of a module, or a package'
      report.warn(
        origins['use'] ?? origin,
        `[plugin:${name}] use = ${use}: a Python class cannot be loaded here; ${instead}`,
      )
    }
    const own = Object.fromEntries(rest.map(({ name, value }) => [name, value]))
    return [{ name, use, isolate: options.isolate, priority: options.priority, options: own, origin }]
  })
}

const consoleOptions = [
  'httpd_host',
  'httpd_port',
  'httpd_socket',
  'httpd_url_prefix',
  'httpd_auth',
  'httpd_users',
  'httpd_allowed_hosts',
] as const

/**
 * The plugins, with the web console where `httpd` is on: what `[circus]` says of it are its options, unless its section
 * says something else. Where nobody asked for stats it gets those alone, without a channel that others may have.
 */
export function withConsole(
  plugins: readonly PluginConfig[],
  circus: CircusOptions,
  origins: Config['origins'],
): PluginConfig[] {
  const given = Object.fromEntries(
    consoleOptions.map((name) => [name, circus[name]]).filter(([, value]) => value !== null),
  )
  const found = plugins.map((plugin) =>
    plugin.use === 'httpd' ? { ...plugin, options: { ...given, ...plugin.options } } : plugin,
  )
  if (!circus.httpd) return found
  const has = (plugin: string) => plugins.some(({ name, use }) => use === plugin || name === plugin)
  const origin = origins['httpd'] ?? { file: 'circusd', line: 0 }
  const common = { isolate: false, priority: 0, origin, implied: true as const }
  if (!has('stats') && !circus.statsd)
    found.push({ ...common, name: 'stats', use: 'stats', options: { stats_endpoint: 'none' } })
  if (!has('httpd')) found.push({ ...common, name: 'httpd', use: 'httpd', options: given })
  return found
}
