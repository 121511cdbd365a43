import { definePlugin } from 'circusd'

/** Before a signal is sent: `false` keeps it back, but not SIGKILL. */
export default definePlugin({
  name: 'before-signal',
  kernel: true,
  setup(circus) {
    circus.hooks.beforeSignal.tap(circus.name, ({ pid, signum }) => {
      if (signum !== 1) return undefined
      circus.log.info(`no SIGHUP for ${pid}`)
      return false
    })
  },
})
