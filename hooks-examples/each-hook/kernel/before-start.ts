import { definePlugin } from 'circusd'

/** Before anything of a watcher is started: `false` keeps it from that. */
export default definePlugin({
  name: 'before-start',
  kernel: true,
  setup(circus) {
    circus.hooks.beforeStart.tap(circus.name, (watcher) => {
      if (watcher.name !== 'spare') return undefined
      circus.log.info('spare does not start')
      return false
    })
  },
})
