import { definePlugin } from 'circusd'

/** Everything that is published, before it goes out. */
export default definePlugin({
  name: 'event',
  kernel: true,
  setup(circus) {
    circus.hooks.event.tap(circus.name, ({ topic }) => {
      circus.log.info(topic)
    })
  },
})
