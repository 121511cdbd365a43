import { definePlugin } from 'circusd'

/** Everything runs that starts by itself. */
export default definePlugin({
  name: 'started',
  kernel: true,
  setup(circus) {
    circus.hooks.started.tap(circus.name, (arbiter) => {
      const running = arbiter.watchers.flatMap(({ pids }) => pids)
      circus.log.info(`all is started: ${running.length} process`)
    })
  },
})
