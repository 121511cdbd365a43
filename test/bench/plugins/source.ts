import { setImmediate as nextTurn } from 'node:timers/promises'
import { Accepted, definePlugin, flag, integer, number, properties } from 'circusd/plugin'

/** How much of the event loop is asked for at a time, in milliseconds. */
const SLICE_MS = 2

/** Publishes events when it is told to: command `flood`. */
export default definePlugin({
  name: 'source',
  kernel: true,
  setup(circus) {
    circus.command({
      name: 'flood',
      summary: 'Publish events.',
      properties: properties({
        rate: integer('so many a second; 0: as many as can be', 0, 0),
        seconds: number('for how long', 1, { min: 0, max: 600 }),
        waiting: flag('answer when all were published'),
      }),
      execute: (_, { rate, seconds }) => new Accepted(flood(rate, seconds)),
    })

    async function flood(rate: number, seconds: number) {
      const began = performance.now()
      const end = began + seconds * 1000
      let published = 0
      for (let now = began; now < end; now = performance.now()) {
        const due = rate === 0 ? Number.POSITIVE_INFINITY : ((now - began) / 1000) * rate
        while (published < due && performance.now() - now < SLICE_MS) {
          circus.publish('bench', 'tick', { number: ++published, process_pid: 4711 })
        }
        await nextTurn()
      }
      return { published, seconds: (performance.now() - began) / 1000 }
    }
  },
})
