import { isDeepStrictEqual } from 'node:util'
import type { Arbiter } from './arbiter.ts'
import {
  type CircusOptions,
  type Config,
  compareWatchers,
  neededSockets,
  type PluginConfig,
  type WatcherConfig,
} from './config/index.ts'
import { KernelError, reasonOf } from './errors.ts'
import type { SocketChange } from './sockets/sockets.ts'
import type { Watcher } from './watcher.ts'

/** Options of `[circus]` that a running daemon takes over; the others need a restart. */
const live: ReadonlySet<string> = new Set([
  'check_delay',
  'warmup_delay',
  'loglevel',
  'debug',
  'statsd',
  'stats_endpoint',
  'httpd',
  'httpd_host',
  'httpd_port',
  'httpd_socket',
  'httpd_url_prefix',
  'httpd_auth',
  'httpd_users',
  'httpd_allowed_hosts',
])

/** Take a running daemon from one configuration to another, touching only what differs between the two. */
export async function reconfigure(arbiter: Arbiter, old: Config, next: Config, sockets: SocketChange): Promise<void> {
  applyCircus(arbiter, old.circus, next.circus)
  await applyPlugins(arbiter, old.plugins, next.plugins)
  await arbiter.followStats(old)
  const before = byName(old.watchers)
  const after = byName(next.watchers)
  const removed = [...before.keys()].filter((name) => !after.has(name) && has(arbiter, name))
  await Promise.all(removed.map((name) => arbiter.remove(name)))
  const had = new Map(arbiter.watchers.map((watcher) => [watcher, socketsOfWatcher(arbiter, watcher)]))
  sockets.apply()
  const changes = [...after].map(([name, config]) => applyWatcher(arbiter, before.get(name), config))
  await Promise.all(changes)
  const moved = [...had].filter(([watcher, before]) => !isDeepStrictEqual(before, socketsOfWatcher(arbiter, watcher)))
  await Promise.all(moved.map(([watcher]) => watcher.followSockets().catch((error) => tell(arbiter, error))))
}

/**
 * Refuse a configuration without a socket that somebody needs: a watcher of it, or one that came by the control channel.
 * Throws `ERR_CONFIG_INVALID`.
 */
export function assertSocketsStay(arbiter: Arbiter, next: Config): void {
  const stay = new Set(next.sockets.map(({ name }) => name))
  const known = new Set([...arbiter.config.watchers, ...next.watchers].map(({ name }) => name.toLowerCase()))
  const others = arbiter.watchers
    .filter(({ name, leaving }) => !leaving && !known.has(name.toLowerCase()))
    .map(({ config }) => config)
  for (const { name, options } of [...next.watchers, ...others]) {
    const missing = neededSockets(options).find((socket) => !stay.has(socket) && arbiter.sockets.has(socket))
    if (missing === undefined) continue
    const why = `[socket:${missing}] is gone, and watcher ${name} needs it: take it out of its options as well`
    throw new KernelError('ERR_CONFIG_INVALID', [why])
  }
}

/** Which descriptors the processes of a watcher get, by name. */
const socketsOfWatcher = ({ sockets }: Arbiter, { options }: Watcher): unknown[] =>
  sockets.usedBy(options).map(({ name, fd, address }) => [name, fd, address])

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
    tell(arbiter, error)
  }
}

const tell = ({ log }: Arbiter, error: unknown): void => log.error(`reloadconfig: ${reasonOf(error)}`)

const has = (arbiter: Arbiter, name: string): boolean =>
  arbiter.watchers.some((watcher) => watcher.name.toLowerCase() === name.toLowerCase())

const byName = <T extends { readonly name: string }>(list: readonly T[]): Map<string, T> =>
  new Map(list.map((item) => [item.name.toLowerCase(), item]))
