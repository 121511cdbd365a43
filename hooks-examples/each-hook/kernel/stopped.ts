import { definePlugin } from 'circusd'

/** All watchers are stopped. */
export default definePlugin({
  name: 'stopped',
  kernel: true,
  setup(circus) {
    circus.hooks.stopped.tap(circus.name, (arbiter) => {
      const running = arbiter.watchers.flatMap(({ pids }) => pids)
      circus.log.info(`all is stopped: ${running.length} processes`)
    })
  },
})
