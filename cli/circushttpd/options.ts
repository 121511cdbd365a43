import { parseArgs } from 'node:util'
import type { LogLevel } from '../../core/config/index.ts'
import type { Line } from '../begin.ts'

/** What `circushttpd` is asked to do. */
export interface ConsoleOptions {
  /** The daemon's control endpoint; without it the default one. */
  readonly endpoint: string | undefined
  /** The daemon's event endpoint; without it the daemon is asked. */
  readonly pubsub: string | undefined
  /** The file with the client's key, for a daemon that wants one. */
  readonly key: string | undefined
  /** Those of the plugin, by its names. */
  readonly options: Readonly<Record<string, string>>
  readonly logLevel: LogLevel | undefined
  readonly logOutput: string | undefined
}

/** What `circushttpd --help` prints. */
export const usage = `usage: circushttpd [--endpoint E] [--pubsub E] [--host H] [--port P] [--url-prefix PATH] [--auth HOW]
                   [--users FILE] [--allowed-hosts NAMES] [--key FILE] [--log-level LEVEL] [--log-output WHERE]
                   [--version] [--help]

Serves the web console of a running circusd, this one or an original one, until a signal ends it. The link to log in
with is in its log.

  --endpoint E           the daemon's control endpoint (CIRCUSCTL_ENDPOINT, tcp://127.0.0.1:5555)
  --pubsub E             the daemon's event endpoint; it is asked for it otherwise
  --host H               address to listen at, or the path of a unix socket (localhost)
  --port P               port; 0: any free one (8080)
  --url-prefix PATH      path it is below, behind a reverse proxy
  --auth HOW             token, users or none (users with --users, else token)
  --users FILE           who may log in: circusctl users add NAME
  --allowed-hosts NAMES  names it is reached by, beside localhost and addresses
  --key FILE             the client's key, for a daemon with auth = curve (CIRCUS_KEY, client.key in the default folder)
  --log-level LEVEL      debug, info, warning, error or critical (info)
  --log-output WHERE     - for standard error, a file, or syslog://HOST:PORT?FACILITY (-)

Exit codes: 0 stopped when asked; 1 it cannot run; 2 wrong usage.
`

const levels: readonly string[] = ['debug', 'info', 'warning', 'error', 'critical']

/** Flags that are options of the plugin. */
const pluginFlags = {
  host: 'httpd_host',
  port: 'httpd_port',
  'url-prefix': 'httpd_url_prefix',
  auth: 'httpd_auth',
  users: 'httpd_users',
  'allowed-hosts': 'httpd_allowed_hosts',
} as const

/** Read the arguments of `circushttpd`. Never throws. */
export function parseConsoleLine(argv: string[]): Line<ConsoleOptions> {
  const wrong = (reason: string): Line<ConsoleOptions> => ({ id: 'wrong', reason })
  let values: ReturnType<typeof parse>
  try {
    values = parse(argv)
  } catch (error) {
    return wrong((error as Error).message)
  }
  if (values.help) return { id: 'help' }
  if (values.version) return { id: 'version' }
  const logLevel = values['log-level']?.toLowerCase()
  if (logLevel !== undefined && !levels.includes(logLevel)) {
    return wrong(`--log-level is one of ${levels.join(', ')}, not '${values['log-level']}'`)
  }
  const { endpoint, pubsub, key, 'log-output': logOutput } = values
  const given = Object.entries(pluginFlags).flatMap(([flag, name]) => {
    const value = values[flag as keyof typeof pluginFlags]
    return value === undefined ? [] : [[name, value] as const]
  })
  const options = Object.fromEntries(given)
  return {
    id: 'run',
    options: { endpoint, pubsub, key, options, logLevel: logLevel as LogLevel | undefined, logOutput },
  }
}

function parse(argv: string[]) {
  return parseArgs({
    args: argv,
    options: {
      endpoint: { type: 'string' },
      pubsub: { type: 'string' },
      host: { type: 'string' },
      port: { type: 'string' },
      'url-prefix': { type: 'string' },
      auth: { type: 'string' },
      users: { type: 'string' },
      'allowed-hosts': { type: 'string' },
      key: { type: 'string' },
      'log-level': { type: 'string' },
      'log-output': { type: 'string' },
      version: { type: 'boolean', short: 'v' },
      help: { type: 'boolean', short: 'h' },
    },
  }).values
}
