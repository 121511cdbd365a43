import { writeFileSync } from 'node:fs'
import { definePlugin, number, optionalText, strictProperties } from 'circusd/plugin'

/** How often it writes what it has heard, in milliseconds. */
const WRITE_MS = 100

/** Counts events, in a file. */
export default definePlugin({
  name: 'sink',
  options: strictProperties({
    file: optionalText('where'),
    busy: number('milliseconds it takes for each', 0, { min: 0, max: 1000 }),
  }),
  setup(circus, { file, busy }) {
    let heard = 0
    circus.on('bench.tick', () => {
      heard++
      const until = performance.now() + busy
      while (busy > 0 && performance.now() < until);
    })
    const write = () => writeFileSync(String(file), String(heard))
    write()
    circus.every(WRITE_MS / 1000, write)
  },
})
