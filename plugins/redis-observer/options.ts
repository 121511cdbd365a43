import { integer, KernelError, number, optionalText, type Property, strictProperties } from '../../core/plugin.ts'
import { statsdOptions } from '../lib/statsd.ts'
import { parseRedisUrl, type RedisAddress } from './address.ts'

// Timers take no more.
const seconds = { min: 0.05, max: 2_000_000 }

/** The options of `[plugin:redis-observer]`. */
export const options = strictProperties({
  ...statsdOptions,
  redis_url: redisUrl('the server, and its database', 'redis://localhost:6379/0'),
  loop_rate: number('seconds from one look to the next', 60, seconds),
  timeout: number('seconds it may take to connect and to answer', 5, seconds),
  restart_on_timeout: optionalText('the watcher, or a glob, that is restarted when there is no answer'),
  restart_on_error: optionalText('the same, when the answer is an error, too'),
  max_count: integer('so many failures in a row make a restart', 1, 1),
})

/** What is wrong with one is told without it: there may be a password in it. */
function redisUrl(description: string, fallback: string): Property<RedisAddress> {
  return {
    required: false,
    schema: { type: 'string', description, default: fallback },
    read(value, name) {
      const address = parseRedisUrl(value === undefined || value === null ? fallback : String(value))
      if (address) return address
      const expected = 'redis://[[user]:password@]host[:port][/db], rediss://… or unix://[[user]:password@]/path[?db=0]'
      const escaped = 'signs like @ / : % # ? in a password as %40 and so on'
      const said = `property '${name}' must be ${expected}, ${escaped}`
      throw new KernelError('ERR_PROPERTY_INVALID', [name, expected, '', said])
    },
  }
}
