import { definePlugin } from 'circusd'
import { type QueueStream, queueOf } from 'circusd/plugins/streams'
import { z } from 'zod'

/** `circusctl latest WATCHER`: takes what a watcher's stdout has left in its queue. */
export default definePlugin({
  name: 'latest',
  kernel: true,
  setup(circus) {
    const queues = new Map<string, QueueStream>()
    circus.hooks.watcherAdded.tap('latest', async (watcher) => {
      // Whose output goes elsewhere has none.
      const queue = await queueOf(watcher).catch(() => undefined)
      if (queue) queues.set(watcher.name, queue)
    })
    circus.hooks.watcherRemoved.tap('latest', ({ name }) => void queues.delete(name))
    circus.command({
      name: 'latest',
      summary: 'Take the lines that wait in the queue of a watcher.',
      properties: z.object({ name: z.string() }),
      execute: (_context, { name }) => ({
        lines:
          queues
            .get(name)
            ?.take()
            .map(({ line }) => line) ?? [],
      }),
    })
  },
})
