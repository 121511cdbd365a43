import { definePlugin } from 'circusd'

/** Before a process is spawned: what is run can be changed in place; `false` stops the watcher. */
export default definePlugin({
  name: 'before-spawn',
  kernel: true,
  setup(circus) {
    circus.hooks.beforeSpawn.tap(circus.name, (spec) => {
      spec.env['PORT'] = String(8000 + spec.wid)
      circus.log.info(`process ${spec.wid} of ${spec.watcher} finds PORT=${spec.env['PORT']}`)
      return undefined
    })
  },
})
