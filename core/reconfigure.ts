import { isDeepStrictEqual } from 'node:util'
import type { Arbiter } from './arbiter.ts'
import {
  type CircusOptions,
  type Config,
  compareWatchers,
  type PluginConfig,
  type WatcherConfig,
} from './config/index.ts'
import { reasonOf } from './errors.ts'

/** Options of `[circus]` that a running daemon takes over; the others need a restart. */
const live: ReadonlySet<string> = new Set(['check_delay', 'warmup_delay', 'loglevel', 'debug'])

/** Take a running daemon from one configuration to another, touching only what differs between the two. */
export async function reconfigure(arbiter: Arbiter, old: Config, next: Config): Promise<void> {
  applyCircus(arbiter, old.circus, next.circus)
  await applyPlugins(arbiter, old.plugins, next.plugins)
  const before = byName(old.watchers)
  const after = byName(next.watchers)
  const removed = [...before.keys()].filter((name) => !after.has(name) && has(arbiter, name))
  await Promise.all(removed.map((name) => arbiter.remove(name)))
  const changes = [...after].map(([name, config]) => applyWatcher(arbiter, before.get(name), config))
  await Promise.all(changes)
}

function applyCircus({ log }: Arbiter, old: CircusOptions, next: CircusOptions): void {
  for (const key of Object.keys(next) as (keyof CircusOptions)[]) {
    if (old[key] === next[key]) continue
    if (!live.has(key)) log.warning(`[circus] ${key} has changed: that takes a restart of the daemon`)
    else log.info(`[circus] ${key} is now ${next[key]}`)
  }
  if (old.loglevel !== next.loglevel) log.level = next.loglevel ?? 'info'
}

async function applyPlugins({ plugins }: Arbiter, old: readonly PluginConfig[], next: readonly PluginConfig[]) {
  const wanted = byName(next)
  for (const { name } of old) if (!wanted.has(name.toLowerCase())) await plugins.unload(name)
  const had = byName(old)
  for (const config of next) {
    const { origin: _, ...before } = had.get(config.name.toLowerCase()) ?? { origin: null }
    const { origin: __, ...after } = config
    if (!isDeepStrictEqual(before, after)) await plugins.load(config)
  }
}

async function applyWatcher(arbiter: Arbiter, old: WatcherConfig | undefined, next: WatcherConfig): Promise<void> {
  try {
    if (!has(arbiter, next.name)) {
      const watcher = await arbiter.adopt(next)
      if (next.options.autostart) await watcher.start()
    } else {
      // Its own options may be the same, and yet a plugin it needs may have left with its section.
      await arbiter.ensurePlugins(next.options)
      if (!old || compareWatchers(old, next).changed.length > 0) await arbiter.watcher(next.name).update(next)
    }
  } catch (error) {
    arbiter.log.error(`reloadconfig: ${reasonOf(error)}`)
  }
}

const has = (arbiter: Arbiter, name: string): boolean =>
  arbiter.watchers.some((watcher) => watcher.name.toLowerCase() === name.toLowerCase())

const byName = <T extends { readonly name: string }>(list: readonly T[]): Map<string, T> =>
  new Map(list.map((item) => [item.name.toLowerCase(), item]))
