import { type Circus, definePlugin } from '../../core/plugin.ts'
import { History } from './history.ts'
import { historyCommand } from './history-command.ts'
import { Interest } from './interest.ts'
import { options } from './options.ts'
import { Pulse } from './pulse.ts'
import { Sampler } from './sampler.ts'

/** Without anybody who listens, the history has a look every so many seconds. */
const IDLE_SECONDS = 60
/** Who has asked for the history is taken to ask again within so many seconds. */
const ASKED_SECONDS = 60

/** In place of the channel, where nobody is to listen. */
const noChannel: Circus['openStatsChannel'] = async () => ({ endpoint: '', publish() {}, async close() {} })

/** Publishes what all processes use, and remembers it for a while. */
export default definePlugin({
  name: 'stats',
  summary: 'Publishes what all processes use, for circus-top and others.',
  options,
  async setup(circus, { interval, stats_endpoint }) {
    const interest = new Interest()
    const history = new History()
    let [lastOfAll, lastAsked] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]
    const isAsked = () => performance.now() - lastAsked < ASKED_SECONDS * 1000
    let adapt = () => {}
    const isBusy = () => interest.inAnything || isAsked()
    const pulse = new Pulse(circus, async (at) => {
      const bySecond = isBusy()
      const now = performance.now()
      const everything = isAsked() || now - lastOfAll > (IDLE_SECONDS - interval / 2) * 1000
      if (everything) lastOfAll = now
      await sampler.look({ at, everything, bySecond })
      adapt()
    })
    const open = stats_endpoint === 'none' ? noChannel : circus.openStatsChannel
    const channel = await open({
      endpoint: stats_endpoint,
      onSubscriptions(subscriptions) {
        interest.update(subscriptions)
        adapt()
      },
    })
    const sampler = new Sampler(circus, channel, interest, history)
    const onAsk = () => {
      lastAsked = performance.now()
      history.follow(sampler.names)
      adapt()
    }
    circus.command(historyCommand(history, onAsk))
    adapt = () => pulse.every(isBusy() ? interval : IDLE_SECONDS)
    adapt()
    return () => channel.close()
  },
})
