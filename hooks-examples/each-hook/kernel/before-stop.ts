import { definePlugin } from 'circusd'

/** A watcher is about to be stopped. */
export default definePlugin({
  name: 'before-stop',
  kernel: true,
  setup(circus) {
    circus.hooks.beforeStop.tap(circus.name, (watcher) => {
      circus.log.info(`${watcher.name} is about to stop, with ${watcher.pids.length} process`)
    })
  },
})
