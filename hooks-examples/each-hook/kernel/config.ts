import { definePlugin } from 'circusd'

/** Before the configuration is applied: a second process for every watcher. */
export default definePlugin({
  name: 'config',
  kernel: true,
  setup(circus) {
    circus.hooks.config.tap(circus.name, (config) => {
      const watchers = config.watchers.map((watcher) => ({
        ...watcher,
        options: { ...watcher.options, numprocesses: 2 },
      }))
      circus.log.info(`${watchers.length} watcher gets 2 processes`)
      return { ...config, watchers }
    })
  },
})
