import { definePlugin } from 'circusd'

/** All processes of a watcher were spawned: `false` stops it again. */
export default definePlugin({
  name: 'after-start',
  kernel: true,
  setup(circus) {
    circus.hooks.afterStart.tap(circus.name, (watcher) => {
      circus.log.info(`${watcher.name} runs, with ${watcher.pids.length} processes`)
      return undefined
    })
  },
})
