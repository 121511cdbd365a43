import { definePlugin } from '../../core/plugin.ts'
import { Health } from '../lib/health.ts'
import { Restarter } from '../lib/restarter.ts'
import { statsdOf } from '../lib/statsd.ts'
import { check } from './check.ts'
import { options } from './options.ts'

/** Asks a website whether it is well, sends how long that took to statsd, and restarts a watcher when it is not. */
export default definePlugin({
  name: 'http-observer',
  summary: 'Asks a website again and again whether it is well, and restarts a watcher when it is not.',
  options,
  async setup(circus, options) {
    const { check_url: url, restart_on_error, max_count, method, timeout, expect } = options
    const statsd = await statsdOf(circus, options, 'http_observer')
    // What follows the path may be secret, as a password is.
    const place = `${url.origin}${url.pathname}`
    const health = new Health(circus.log, place)
    const restarter = restart_on_error && new Restarter(circus, 'restart_on_error', restart_on_error, max_count)
    const question = { url, method, timeoutMs: timeout * 1000, expect }
    circus.every(options.loop_rate, async () => {
      const outcome = await check(question, circus.signal)
      if (outcome.id === 'good') {
        statsd.timing('http_stats.request_time', Math.trunc(outcome.ms))
        health.worked()
        if (restarter) restarter.worked()
        return
      }
      const { code, how } = outcome
      statsd.count('http_stats.error')
      statsd.count(`http_stats.error.${code}`)
      health.failed(how)
      if (restarter && (await restarter.failed(`${place} ${how}`))) statsd.count('http_stats.restart_on_error')
    })
  },
})
