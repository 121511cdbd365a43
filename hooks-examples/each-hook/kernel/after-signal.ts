import { definePlugin } from 'circusd'

/** After that, whether the signal was sent or kept back. */
export default definePlugin({
  name: 'after-signal',
  kernel: true,
  setup(circus) {
    circus.hooks.afterSignal.tap(circus.name, ({ pid, signum }) => {
      circus.log.info(`signal ${signum} for ${pid}`)
    })
  },
})
