import type { PluginDescription } from '../../core/index.ts'
import type { Terminal } from './output.ts'
import { type Column, formatTable } from './table.ts'
import { formatSeconds, formatSize } from './units.ts'

/** The plugins of a daemon as a table, and below it what is wrong with some of them. */
export function formatPlugins(plugins: readonly PluginDescription[], terminal: Terminal): string {
  if (plugins.length === 0) return 'the daemon has no plugins'
  return [formatTable(plugins, columns, terminal), ...plugins.flatMap(remarks)].join('\n')
}

const count = (number: number | undefined) => (number === undefined ? '' : String(number))

const columns: readonly Column<PluginDescription>[] = [
  { title: 'PLUGIN', text: ({ name }) => name },
  {
    title: 'STATE',
    text: ({ state }) => state,
    style: ({ state }) => (state === 'running' ? 'green' : state === 'starting' ? 'yellow' : 'red'),
  },
  { title: 'RUNS IN', text: ({ isolated, pid }) => (isolated ? `process ${pid ?? '-'}` : 'daemon') },
  { title: 'CPU', text: cpu, right: true },
  { title: 'RSS', text: ({ rss }) => (rss ? formatSize(rss) : ''), right: true, dispensable: 2 },
  { title: 'RESTARTS', text: ({ restarts }) => count(restarts), right: true, dispensable: 3 },
  {
    title: 'FAILURES',
    text: ({ failures }) => count(failures),
    style: ({ failures = 0 }) => (failures > 0 ? 'red' : undefined),
    right: true,
    dispensable: 1,
  },
  { title: 'BRINGS', text: ({ commands = [], streams = [] }) => [...commands, ...streams].join(' '), dispensable: 5 },
  { title: 'FROM', text: ({ use, file }) => file ?? use, dispensable: 4 },
]

/** In a process of its own what that has used; in the daemon what it has kept the event loop. */
function cpu({ isolated, cpu_seconds, busy_ms }: PluginDescription): string {
  if (isolated) return typeof cpu_seconds === 'number' ? `${cpu_seconds.toFixed(2)} s` : ''
  return busy_ms === undefined ? '' : `${Math.round(busy_ms)} ms`
}

function remarks({ name, state, reason, last_failure, dropped_lines = 0 }: PluginDescription): string[] {
  const lines: string[] = []
  if (reason !== undefined) lines.push(`${name}: ${state}: ${reason}`)
  if (last_failure) {
    const ago = formatSeconds(Date.now() / 1000 - last_failure.time)
    lines.push(`${name}: ${last_failure.what} failed ${ago} ago: ${last_failure.error}`)
  }
  if (dropped_lines > 0) lines.push(`${name}: ${dropped_lines} lines were too many for the log`)
  return lines
}
