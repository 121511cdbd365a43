import { definePlugin, integer, number, strictProperties } from 'circusd/plugin'

/** Tells in the log, from time to time, of which watchers processes have ended. */
export default definePlugin({
  name: 'my-plugin',
  summary: 'Tells of which watchers processes have ended.',
  options: strictProperties({
    interval: number('seconds between two looks', 60, { min: 0.1, max: 86_400 }),
    least: integer('so many ends since the last look are worth a line', 1, 1),
  }),
  setup(circus, { interval, least }) {
    const ends = new Map<string, number>()
    circus.on('reap', ({ watcher }) => void ends.set(watcher, (ends.get(watcher) ?? 0) + 1))
    // What is kept for a watcher goes with it.
    circus.on('remove', ({ watcher }) => void ends.delete(watcher))
    circus.every(interval, async () => {
      const counted = [...ends].filter(([, count]) => count >= least)
      ends.clear()
      for (const [watcher, count] of counted) {
        const { status } = await circus.call<{ status: string }>('status', { name: watcher })
        circus.log.warning(`${watcher} is ${status}: processes that have ended: ${count}`)
      }
    })
  },
})
