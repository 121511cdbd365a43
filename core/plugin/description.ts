import type { PluginConfig } from '../config/index.ts'
import type { LoadedPlugin } from './host.ts'
import type { Overseer } from './overseer.ts'
import type { RemoteCommands } from './remote-commands.ts'

/** What the command `plugins` tells of one plugin. */
export interface PluginDescription {
  readonly name: string
  /** `running`, `starting`, `restarting`, `hanging`, `stopped`, or `left out`: it could not be loaded. */
  readonly state: string
  /** Why it does not run. */
  readonly reason?: string
  /** What its section names, and the file that was found. */
  readonly use: string
  readonly file?: string
  /** What it says it does. */
  readonly summary?: string
  readonly isolated: boolean
  readonly failures?: number
  /** The last one, with `time` in Unix seconds. */
  readonly last_failure?: { readonly what: string; readonly error: string; readonly time: number } | null
  /** Milliseconds its functions have kept the event loop: the daemon's, or that of its own process. */
  readonly busy_ms?: number
  /** Lines that were too many for the log. */
  readonly dropped_lines?: number
  /** Of its own process. */
  readonly pid?: number
  readonly rss?: number | null
  readonly cpu_seconds?: number | null
  readonly restarts?: number
  /** What it has brought. */
  readonly commands?: readonly string[]
  readonly streams?: readonly string[]
}

const place = ({ name, use, isolate }: PluginConfig) => ({ name, use, isolated: isolate })

/** A plugin that is there. */
export function describeLoaded(plugin: LoadedPlugin, overseer: Overseer, remote: RemoteCommands): PluginDescription {
  const { config, file, summary } = plugin
  if (plugin.where === 'daemon') {
    const { scope, brought } = plugin
    return { ...place(config), state: 'running', file, ...(summary && { summary }), ...figures(scope), ...brought }
  }
  const use = overseer.use(plugin)
  return {
    ...place(config),
    ...overseer.state(plugin),
    file,
    ...(summary && { summary }),
    ...figures(plugin.record),
    ...(use && { pid: use.pid, rss: use.rssBytes, cpu_seconds: use.cpuSeconds }),
    restarts: overseer.restarts(plugin),
    commands: remote.of(config.name),
  }
}

/** One that is being loaded. */
export const describeStarting = (config: PluginConfig): PluginDescription => ({ ...place(config), state: 'starting' })

/** One that could not be loaded. */
export const describeLeftOut = (config: PluginConfig, reason: string): PluginDescription => ({
  ...place(config),
  state: 'left out',
  reason,
})

interface Figures {
  readonly failures: number
  readonly lastFailure: PluginDescription['last_failure'] | undefined
  readonly busyMs: number
  readonly droppedLines: number
}

const figures = ({ failures, lastFailure, busyMs, droppedLines }: Figures) => ({
  failures,
  last_failure: lastFailure ?? null,
  busy_ms: Math.round(busyMs * 10) / 10,
  dropped_lines: droppedLines,
})
