/** A plugin here that stands for one of the original's, and the options that make up the difference. */
interface Counterpart {
  readonly name: string
  readonly options: Readonly<Record<string, unknown>>
}

/** The plugins of the original by their class paths. */
export const originalPlugins: ReadonlyMap<string, Counterpart> = new Map([
  ['circus.plugins.flapping.Flapping', { name: 'flapping', options: {} }],
  ['circus.plugins.statsd.StatsdEmitter', { name: 'statsd', options: {} }],
  // It counts no events: who uses both has each counted once.
  ['circus.plugins.statsd.FullStats', { name: 'statsd', options: { full: true, events: false } }],
  ['circus.plugins.resource_watcher.ResourceWatcher', { name: 'resource-watcher', options: {} }],
  ['circus.plugins.watchdog.WatchDog', { name: 'watchdog', options: {} }],
  ['circus.plugins.command_reloader.CommandReloader', { name: 'command-reloader', options: {} }],
  ['circus.plugins.http_observer.HttpObserver', { name: 'http-observer', options: {} }],
  ['circus.plugins.redis_observer.RedisObserver', { name: 'redis-observer', options: {} }],
])

/** Whether a name looks like a Python class path. */
export const isClassPath = (name: string): boolean =>
  /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$/.test(name) && !/\.[cm]?[jt]s$/.test(name)
