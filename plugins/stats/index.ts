import { definePlugin } from '../../core/index.ts'
import { Interest } from './interest.ts'
import { options } from './options.ts'
import { Pulse } from './pulse.ts'
import { Sampler } from './sampler.ts'

/** Publishes what all processes use, and remembers it for a while. */
export default definePlugin({
  name: 'stats',
  summary: 'Publishes what all processes use, for circus-top and others.',
  options,
  async setup(circus, { interval, stats_endpoint }) {
    const interest = new Interest()
    let follow = () => {}
    const channel = await circus.openStatsChannel({
      endpoint: stats_endpoint,
      onSubscriptions(subscriptions) {
        interest.update(subscriptions)
        follow()
      },
    })
    const sampler = new Sampler(circus, channel, interest)
    const pulse = new Pulse(circus, () => sampler.look())
    follow = () => pulse.every(interest.inAnything ? interval : Number.POSITIVE_INFINITY)
    follow()
    return () => channel.close()
  },
})
