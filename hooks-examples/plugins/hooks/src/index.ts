import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { definePlugin, optionalText, strictProperties } from 'circusd/plugin'

/** Keeps watchers from starting while a file is there, and tells each process who started it. */
export default definePlugin({
  name: 'my-plugin',
  summary: 'No watcher starts while a file is there.',
  kernel: true,
  options: strictProperties({
    file: optionalText('while it is there nothing starts; relative to the ini (maintenance)'),
  }),
  setup(circus, { file = 'maintenance' }) {
    const path = resolve(circus.folder, file)
    circus.hooks.beforeStart.tap(circus.name, (watcher) => {
      if (!existsSync(path)) return undefined
      circus.log.warning(`${watcher.name} does not start: ${path} is there`)
      circus.publish(watcher.name, 'held_back', { file: path })
      return false
    })
    circus.hooks.beforeSpawn.tap(circus.name, (spec) => {
      spec.env['STARTED_BY'] = circus.name
      return undefined
    })
  },
})
