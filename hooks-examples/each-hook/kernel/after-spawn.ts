import { definePlugin } from 'circusd'

/** A process was spawned: `false` kills it and stops the watcher. */
export default definePlugin({
  name: 'after-spawn',
  kernel: true,
  setup(circus) {
    circus.hooks.afterSpawn.tap(circus.name, (process, watcher) => {
      circus.log.info(`process ${process.pid} of ${watcher.name} was spawned`)
      return undefined
    })
  },
})
