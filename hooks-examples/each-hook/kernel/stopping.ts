import { definePlugin } from 'circusd'

/** The daemon begins to shut down: nothing is stopped yet. */
export default definePlugin({
  name: 'stopping',
  kernel: true,
  setup(circus) {
    circus.hooks.stopping.tap(circus.name, (arbiter) => {
      const running = arbiter.watchers.flatMap(({ pids }) => pids)
      circus.log.info(`the daemon stops: ${running.length} process is still there`)
    })
  },
})
