import { definePlugin } from 'circusd'

/** A watcher is gone: what is kept for it can go, too. */
export default definePlugin({
  name: 'watcher-removed',
  kernel: true,
  setup(circus) {
    circus.hooks.watcherRemoved.tap(circus.name, (watcher) => {
      circus.log.info(`${watcher.name} is gone`)
    })
  },
})
