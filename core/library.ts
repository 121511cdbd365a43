import { Arbiter, type ArbiterOptions } from './arbiter.ts'
import { type ConfigInput, configFromObject, type WatcherInput } from './config/index.ts'

/**
 * An arbiter of a program's own: `getArbiter([{ cmd: 'node worker.js', numprocesses: 4 }])`. Nothing runs before
 * `start()`. Its channels are private (`ipc://` in a temporary folder is a good choice in `circus` for those who want
 * to reach it); without any, they are bound to free ports of 127.0.0.1.
 *
 * Throws `ConfigError` with everything that is wrong.
 */
export function getArbiter(
  watchers: readonly WatcherInput[],
  { circus, plugins, log }: Pick<ConfigInput, 'circus' | 'plugins'> & ArbiterOptions = {},
): Arbiter {
  const anywhere = { endpoint: 'tcp://127.0.0.1:*', pubsub_endpoint: 'tcp://127.0.0.1:*' }
  return new Arbiter(configFromObject({ circus: { ...anywhere, ...circus }, watchers, plugins }), { log })
}
