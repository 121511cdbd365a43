import { definePlugin } from 'circusd'

/** Around each command of a client: it can be refused, or answered in another way. */
export default definePlugin({
  name: 'command',
  kernel: true,
  setup(circus) {
    circus.hooks.command.tap(circus.name, (call) => {
      if (call.name !== 'quit') return undefined
      circus.log.info('nobody quits today')
      return call.refuse('nobody quits today')
    })
  },
})
