import { definePlugin } from 'circusd'

/** Statistics of a process on their way to whoever asked: they can be added to. */
export default definePlugin({
  name: 'process-info',
  kernel: true,
  setup(circus) {
    circus.hooks.processInfo.tap(circus.name, (info, process) => {
      circus.log.info(`somebody asks how process ${process.pid} is`)
      return { ...info, mood: 'good' }
    })
  },
})
