import { definePlugin } from 'circusd'

/** Options of a watcher were changed. */
export default definePlugin({
  name: 'watcher-updated',
  kernel: true,
  setup(circus) {
    circus.hooks.watcherUpdated.tap(circus.name, (watcher, changed) => {
      circus.log.info(`of ${watcher.name} was changed: ${changed.join(', ')}`)
    })
  },
})
