import { definePlugin, flag, number, strictProperties } from '../../core/plugin.ts'
import { statsdOf, statsdOptions } from '../lib/statsd.ts'
import { FullStats } from './full-stats.ts'

const options = strictProperties({
  ...statsdOptions,
  events: flag('count all events', true),
  full: flag('send what processes use, too', false),
  loop_rate: number('so many seconds between two looks at what they use', 60, { min: 0.01, max: 2_000_000 }),
})

/** Sends to a statsd server: a count for each event and, on wish, gauges of what processes use. */
export default definePlugin({
  name: 'statsd',
  summary: 'Counts events at a statsd server and, with full = true, sends what processes use.',
  options,
  async setup(circus, { events, full, loop_rate, host, ...server }) {
    const statsd = await statsdOf(circus, { host: host || 'localhost', ...server })
    if (events) circus.on('*', ({ watcher, event }) => statsd.count(`${watcher}.${event}`))
    if (full) new FullStats(circus, statsd).begin(loop_rate)
  },
})
