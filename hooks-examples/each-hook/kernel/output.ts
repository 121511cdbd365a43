import { definePlugin } from 'circusd'

/** What processes write, as it comes: not in whole lines. */
export default definePlugin({
  name: 'output',
  kernel: true,
  setup(circus) {
    circus.hooks.output.tap(circus.name, ({ watcher, stream, data }) => {
      circus.log.info(`${watcher.name} wrote ${data.length} bytes to ${stream}`)
    })
  },
})
