import { definePlugin, reasonOf } from '../../core/plugin.ts'
import { Health } from '../lib/health.ts'
import { Restarter } from '../lib/restarter.ts'
import { statsdOf } from '../lib/statsd.ts'
import { NoAnswerError, RedisConnection } from './connection.ts'
import { observed } from './observed.ts'
import { options } from './options.ts'

/** Sends what a redis server tells of itself to statsd, and restarts a watcher when it does not answer. */
export default definePlugin({
  name: 'redis-observer',
  summary: 'Sends what a redis server tells of itself to statsd, and restarts a watcher when it does not answer.',
  options,
  async setup(circus, options) {
    const { redis_url: address, max_count } = options
    const statsd = await statsdOf(circus, options, 'redis_observer')
    const connection = new RedisConnection(await import('@redis/client'), address, options.timeout * 1000)
    // Not by a disposer: the question that is under way fails, and is not to be taken for a failure.
    circus.signal.addEventListener('abort', () => connection.close(), { once: true })
    const health = new Health(circus.log, address.place)
    const { restart_on_timeout: late, restart_on_error: wrong } = options
    // Where both mean the same, an error is all that counts: it may be that there is no answer.
    const onTimeout = late && late !== wrong && new Restarter(circus, 'restart_on_timeout', late, max_count)
    const onError = wrong && new Restarter(circus, 'restart_on_error', wrong, max_count)
    circus.every(options.loop_rate, async () => {
      try {
        const fields = await connection.info()
        for (const name of observed) {
          // Statsd would take a negative number for a change.
          const value = Number(fields.get(name) ?? Number.NaN)
          if (value >= 0 && Number.isFinite(value)) statsd.gauge(`redis_stats.${name}`, value)
        }
        health.worked()
        if (onTimeout) onTimeout.worked()
        if (onError) onError.worked()
      } catch (error) {
        if (circus.signal.aborted) return
        const how = reasonOf(error)
        statsd.count('redis_stats.error')
        health.failed(how)
        const why = `${address.place} ${how}`
        const isLate = error instanceof NoAnswerError
        for (const restarter of [isLate && onTimeout, onError]) {
          if (restarter && (await restarter.failed(why))) statsd.count('redis_stats.restart_on_error')
        }
      }
    })
  },
})
