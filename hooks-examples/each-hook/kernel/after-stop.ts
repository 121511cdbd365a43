import { definePlugin } from 'circusd'

/** A watcher was stopped. */
export default definePlugin({
  name: 'after-stop',
  kernel: true,
  setup(circus) {
    circus.hooks.afterStop.tap(circus.name, (watcher) => {
      circus.log.info(`${watcher.name} was stopped, with ${watcher.pids.length} processes`)
    })
  },
})
