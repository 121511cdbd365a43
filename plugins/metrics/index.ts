import { definePlugin } from '../../core/plugin.ts'
import { Exposition } from './exposition.ts'
import { options } from './options.ts'
import { serveMetrics } from './server.ts'
import { Survey } from './survey.ts'
import { Tally } from './tally.ts'

/** Tells a Prometheus server, when it asks, how the watchers, their processes, the sockets and the daemon are. */
export default definePlugin({
  name: 'metrics',
  summary: 'Tells Prometheus how watchers, processes, sockets and the daemon are.',
  options,
  async setup(circus, { host = 'localhost', port }) {
    const tally = new Tally(circus)
    const exposition = new Exposition(await import('prom-client'))
    const survey = new Survey(circus)
    let look: Promise<string> | undefined
    /** Scrapes that come together share one look. */
    const scrape = () => {
      look ??= survey
        .look()
        .then((found) => exposition.text(found, tally))
        .finally(() => (look = undefined))
      return look
    }
    const server = await serveMetrics({ host, port }, { scrape, contentType: exposition.contentType, log: circus.log })
    circus.log.info(`metrics at ${server.url}`)
    return () => server.close()
  },
})
