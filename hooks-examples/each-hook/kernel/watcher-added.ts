import { definePlugin } from 'circusd'

/** A watcher came: at the start, by `add`, by `reloadconfig`. */
export default definePlugin({
  name: 'watcher-added',
  kernel: true,
  setup(circus) {
    circus.hooks.watcherAdded.tap(circus.name, (watcher) => {
      circus.log.info(`${watcher.name} came`)
    })
  },
})
