import { definePlugin } from 'circusd'

/** A process has ended, and that was published. */
export default definePlugin({
  name: 'after-reap',
  kernel: true,
  setup(circus) {
    circus.hooks.afterReap.tap(circus.name, (exit, process, watcher) => {
      circus.log.info(`process ${process.pid} of ${watcher.name} ended with ${exit.exitCode}`)
    })
  },
})
