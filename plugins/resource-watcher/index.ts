import { definePlugin } from '../../core/plugin.ts'
import { statsdOf } from '../lib/statsd.ts'
import { options, watcherOptions } from './options.ts'
import { ResourceWatcher } from './resource-watcher.ts'

/** Does something about watchers whose processes use too much, or too little, for too long. */
export default definePlugin({
  name: 'resource-watcher',
  summary: 'Restarts watchers whose processes use too much processor time or memory, or too little.',
  options,
  watcherOptions: { prefix: 'resource_watcher', schema: watcherOptions },
  async setup(circus, settings) {
    if (settings.service !== undefined) circus.log.warning('service is an old name: write watcher')
    const looker = new ResourceWatcher(circus, settings, await statsdOf(circus, settings))
    for (const event of ['add', 'updated', 'remove']) circus.on(event, ({ watcher }) => looker.forget(watcher))
    circus.every(settings.loop_rate, () => looker.look())
  },
})
