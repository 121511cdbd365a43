import { definePlugin } from 'circusd'

/** A process has ended; that is not published yet. */
export default definePlugin({
  name: 'before-reap',
  kernel: true,
  setup(circus) {
    circus.hooks.beforeReap.tap(circus.name, (process, watcher) => {
      circus.log.info(`process ${process.pid} of ${watcher.name} is at its end`)
    })
  },
})
