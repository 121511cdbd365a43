import {
  integer,
  KernelError,
  number,
  oneOf,
  optionalText,
  type Property,
  strictProperties,
} from '../../core/plugin.ts'
import { statsdOptions } from '../lib/statsd.ts'

// Timers take no more.
const seconds = { min: 0.05, max: 2_000_000 }

/** The options of `[plugin:http-observer]`. */
export const options = strictProperties({
  ...statsdOptions,
  check_url: webAddress('what is asked for', 'http://localhost/'),
  loop_rate: number('seconds from one look to the next', 60, seconds),
  timeout: number('seconds an answer may take, redirects and all', 10, seconds),
  restart_on_error: optionalText('the watcher, or a glob, that is restarted when it fails'),
  max_count: integer('so many failures in a row make a restart', 1, 1),
  method: oneOf('how it is asked for', ['GET', 'HEAD', 'POST', 'OPTIONS'], 'GET'),
  expect: optionalText('what must be in the first MiB of the answer'),
})

/** The address of a website. What is wrong with one is told without it: there may be a password in it. */
function webAddress(description: string, fallback: string): Property<URL> {
  return {
    required: false,
    schema: { type: 'string', description, default: fallback },
    read(value, name) {
      const url = URL.parse(value === undefined || value === null ? fallback : String(value))
      if (url && (url.protocol === 'http:' || url.protocol === 'https:') && isEscaped(url)) return url
      const expected = 'an address like http://localhost:8080/health or https://…'
      throw new KernelError('ERR_PROPERTY_INVALID', [name, expected, '', `property '${name}' must be ${expected}`])
    },
  }
}

/** Whether every % in name and password begins something. */
function isEscaped({ username, password }: URL): boolean {
  try {
    decodeURIComponent(username + password)
    return true
  } catch {
    return false
  }
}
