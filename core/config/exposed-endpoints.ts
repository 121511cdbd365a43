import type { Environment } from './source.ts'
import type { CircusOptions } from './types.ts'

/** An endpoint that programs on other machines could reach. */
export interface ExposedEndpoint {
  readonly option: 'endpoint' | 'pubsub_endpoint' | 'stats_endpoint'
  readonly endpoint: string
}

/**
 * The `tcp://` endpoints that are not on the loopback interface, among those the daemon would bind. None with
 * `auth = curve`, with `allow_insecure`, or with `CIRCUS_ALLOW_INSECURE=1` in the environment.
 */
export function exposedEndpoints(circus: CircusOptions, daemon: Environment = process.env): ExposedEndpoint[] {
  if (circus.auth === 'curve' || circus.allow_insecure || daemon['CIRCUS_ALLOW_INSECURE'] === '1') return []
  const options = ['endpoint', 'pubsub_endpoint', ...(circus.statsd ? (['stats_endpoint'] as const) : [])] as const
  return options.map((option) => ({ option, endpoint: circus[option] })).filter(({ endpoint }) => !isLocal(endpoint))
}

function isLocal(endpoint: string): boolean {
  const [, host] = /^tcp:\/\/(?:[^;]*;)?\[?([^\]]*?)\]?:[^:]*$/.exec(endpoint) ?? []
  if (host === undefined) return true
  return /^(localhost|lo|::1|127(\.\d{1,3}){3})$/i.test(host)
}
