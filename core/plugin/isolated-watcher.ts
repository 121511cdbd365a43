import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ClientKeys } from '../channel/curve/key-pair.ts'
import { type PluginConfig, type WatcherConfig, watcherFromApi } from '../config/index.ts'
import type { IsolationLimits } from './isolation.ts'
import type { SharedStatsPlace } from './stats-channel.ts'

/** What an isolated plugin's process finds in its environment, as JSON, under `CIRCUS_PLUGIN`. */
export interface PluginAssignment {
  readonly use: string
  readonly name: string
  /** The pid of the daemon, with which it ends. */
  readonly daemon: number
  readonly endpoint: string
  readonly pubsubEndpoint: string
  readonly options: Readonly<Record<string, unknown>>
  readonly folder: string
  readonly stats: SharedStatsPlace
  /** When the daemon wants keys. */
  readonly keys?: ClientKeys
}

/** A process that ends sooner, in milliseconds, counts as dying at once: it takes a while to load, to fail or to leak. */
export const PLUGIN_SHORT_LIFE_MS = 60_000

/** It is started before all others and stopped after them, to see all that they do. */
const FIRST = Number.MAX_SAFE_INTEGER

/** The watcher that runs a plugin in a process of its own: `plugin:NAME`. */
export function isolatedWatcher(
  { name, use, options }: PluginConfig,
  { memoryBytes, rlimits }: IsolationLimits,
  folder: string,
  endpoints: { readonly control: string; readonly events: string },
  stats: SharedStatsPlace,
  sockets: readonly string[],
  keys?: ClientKeys,
): WatcherConfig {
  const here = fileURLToPath(import.meta.url)
  const main = fileURLToPath(new URL(`./main${extname(here)}`, import.meta.url))
  const assignment: PluginAssignment = {
    use,
    name,
    daemon: process.pid,
    options,
    folder,
    endpoint: endpoints.control,
    pubsubEndpoint: endpoints.events,
    stats,
    ...(keys && { keys }),
  }
  return watcherFromApi(`plugin:${name}`, {
    cmd: process.execPath.replace(/[\s'"\\]/g, '\\$&'),
    args: [...process.execArgv, ...heapLimit(memoryBytes), main, name],
    options: {
      ...rlimits,
      singleton: true,
      copy_env: true,
      priority: FIRST,
      ...(sockets.length > 0 && { use_sockets: true, sockets: sockets.join(', ') }),
      // Not among the arguments, which everybody can read: options may hold passwords.
      env: { CIRCUS_PLUGIN: JSON.stringify(assignment).replaceAll('$', '\\u0024') },
    },
  })
}

/** V8 makes do with so much before it gives up; what is not on its heap is watched from outside. */
function heapLimit(memoryBytes: number): string[] {
  return memoryBytes > 0 ? [`--max-old-space-size=${Math.ceil(memoryBytes / 1024 ** 2)}`] : []
}
