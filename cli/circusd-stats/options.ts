import { parseArgs } from 'node:util'
import type { LogLevel } from '../../core/config/index.ts'
import type { Line } from '../begin.ts'

/** What `circusd-stats` is asked to do. */
export interface StatsOptions {
  /** The daemon's control endpoint; without it the default one. */
  readonly endpoint: string | undefined
  /** The daemon's event endpoint; without it the daemon is asked. */
  readonly pubsub: string | undefined
  /** Where to publish; without it the default one. */
  readonly statspoint: string | undefined
  /** Seconds between two looks, as it was written. */
  readonly interval: string | undefined
  /** The file with the client's key, for a daemon that wants one. */
  readonly key: string | undefined
  readonly logLevel: LogLevel | undefined
  readonly logOutput: string | undefined
}

/** What `circusd-stats --help` prints. */
export const usage = `usage: circusd-stats [--endpoint E] [--pubsub E] [--statspoint E] [--interval SECONDS] [--key FILE]
                     [--log-level LEVEL] [--log-output WHERE] [--version] [--help]

Publishes what the processes of a running circusd use, until a signal ends it: an original circusd, or one without
statsd = True. It reads /proc, so it runs on the machine of that circusd.

  --endpoint E         the daemon's control endpoint (CIRCUSCTL_ENDPOINT, tcp://127.0.0.1:5555)
  --pubsub E           the daemon's event endpoint; it is asked for it otherwise
  --statspoint E       where to publish (tcp://127.0.0.1:5557)
  --interval SECONDS   between two looks, while somebody listens (1)
  --key FILE           the client's key, for a daemon with auth = curve (CIRCUS_KEY, client.key in the default folder)
  --log-level LEVEL    debug, info, warning, error or critical (info)
  --log-output WHERE   - for standard error, a file, or syslog://HOST:PORT?FACILITY (-)

Exit codes: 0 stopped when asked; 1 it cannot run; 2 wrong usage.
`

const levels: readonly string[] = ['debug', 'info', 'warning', 'error', 'critical']

/** Read the arguments of `circusd-stats`. Never throws. */
export function parseStatsLine(argv: string[]): Line<StatsOptions> {
  const wrong = (reason: string): Line<StatsOptions> => ({ id: 'wrong', reason })
  let values: ReturnType<typeof parse>
  try {
    values = parse(argv)
  } catch (error) {
    return wrong((error as Error).message)
  }
  if (values.help) return { id: 'help' }
  if (values.version) return { id: 'version' }
  // What it would publish are processes of this machine that happen to have the same pids.
  if (values.ssh !== undefined) {
    return wrong('--ssh cannot work: it reads /proc of the machine it runs on. Run it there: ssh HOST circusd-stats')
  }
  const logLevel = values['log-level']?.toLowerCase()
  if (logLevel !== undefined && !levels.includes(logLevel)) {
    return wrong(`--log-level is one of ${levels.join(', ')}, not '${values['log-level']}'`)
  }
  const { endpoint, pubsub, statspoint, interval, key, 'log-output': logOutput } = values
  const options = { endpoint, pubsub, statspoint, interval, key, logLevel: logLevel as LogLevel | undefined, logOutput }
  return { id: 'run', options }
}

function parse(argv: string[]) {
  return parseArgs({
    args: argv,
    options: {
      endpoint: { type: 'string' },
      pubsub: { type: 'string' },
      statspoint: { type: 'string' },
      interval: { type: 'string' },
      key: { type: 'string' },
      ssh: { type: 'string' },
      'log-level': { type: 'string' },
      'log-output': { type: 'string' },
      version: { type: 'boolean', short: 'v' },
      help: { type: 'boolean', short: 'h' },
    },
  }).values
}
