import { parseArgs } from 'node:util'
import type { Address } from '../circusctl/daemon.ts'
import { isSortKey, type SortKey, sortKeys } from './sort.ts'

/** What `circus-top` is asked for. */
export interface TopOptions {
  readonly address: Address
  /** Of the statistics, where the daemon does not tell. */
  readonly statsEndpoint: string | undefined
  /** Milliseconds after which a process of which nothing more was heard is left out. */
  readonly processTimeoutMs: number
  readonly sort: SortKey
  /** Only what contains this text. */
  readonly filter: string
  /** One table, or one JSON document, and no live one. */
  readonly once: 'table' | 'json' | undefined
}

/** A command line of `circus-top`, read. */
export type TopLine =
  | { readonly id: 'wrong'; readonly reason: string }
  | { readonly id: 'help' }
  | { readonly id: 'version' }
  | { readonly id: 'run'; readonly options: TopOptions }

/** What `circus-top --help` prints. */
export const usage = `usage: circus-top [--endpoint E] [--ssh [USER@]HOST[:PORT]] [--sort KEY] [--filter TEXT] [--once | --json]

Shows live what the processes of a circusd use, by watcher, and acts on the selected one: start, stop, restart, reload, signal,
more or fewer processes, its last output. ? shows the keys. The figures are those of the statistics channel (statsd = True below
[circus]); without one the daemon is asked every second, or less often where it takes long to answer.

  --endpoint E           the daemon's control endpoint (CIRCUSCTL_ENDPOINT, tcp://127.0.0.1:5555)
  --stats-endpoint E     where its statistics are published; the daemon is asked for it otherwise
  --ssh HOST             reach the daemon through ssh: [USER@]HOST[:PORT]
  --ssh_keyfile FILE     the private key for --ssh
  --key FILE             the client's key, for a daemon with auth = curve (CIRCUS_KEY, client.key in the default folder)
  --timeout SECONDS      how long to wait for an answer (5)
  --process-timeout SECONDS
                         leave out processes of which nothing was heard for so long (3)
  --sort KEY             ${sortKeys.join(', ')} (name)
  --filter TEXT          only what has this text in the watcher, command, user or pid
  --once                 print the table once: also where the output is no terminal
  --json                 print all that is known once, as JSON
  --version, --help

Exit codes: 0 left, or printed; 1 the daemon cannot be reached; 2 wrong usage; 3 the daemon answered with an error.
`

const defaultEndpoint = 'tcp://127.0.0.1:5555'

/** Read the arguments of `circus-top`. Never throws. */
export function parseTopLine(argv: string[]): TopLine {
  let values: ReturnType<typeof parse>
  try {
    values = parse(argv)
  } catch (error) {
    return wrong(explain((error as Error).message))
  }
  if (values.help) return { id: 'help' }
  if (values.version) return { id: 'version' }
  const timeoutMs = milliseconds(values.timeout)
  if (Number.isNaN(timeoutMs)) return wrong(`--timeout takes seconds, not '${values.timeout}'`)
  const processTimeoutMs = milliseconds(values['process-timeout']) ?? 3_000
  if (Number.isNaN(processTimeoutMs)) {
    return wrong(`--process-timeout takes seconds, not '${values['process-timeout']}'`)
  }
  const sort = values.sort ?? 'name'
  if (!isSortKey(sort)) return wrong(`--sort takes ${sortKeys.join(', ')}, not '${sort}'`)
  const address: Address = {
    endpoint: values.endpoint ?? (process.env.CIRCUSCTL_ENDPOINT || defaultEndpoint),
    timeoutMs,
    ssh: values.ssh,
    sshKeyfile: values.ssh_keyfile,
    key: values.key,
  }
  const once = values.json ? 'json' : values.once ? 'table' : undefined
  return {
    id: 'run',
    options: {
      address,
      statsEndpoint: values['stats-endpoint'],
      processTimeoutMs,
      sort,
      filter: values.filter ?? '',
      once,
    },
  }
}

const wrong = (reason: string): TopLine => ({ id: 'wrong', reason })

/** The longest that a timer takes: 24 days. */
const longestMs = 2 ** 31 - 1

/** `NaN` for what is no time. */
function milliseconds(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  return /^\d*\.?\d+$/.test(text) && Number(text) > 0 ? Math.min(Number(text) * 1_000, longestMs) : Number.NaN
}

/** Node's own words, without its advice for other programs. */
function explain(message: string): string {
  const [, unknown] = /^Unknown option '([^']*)'/.exec(message) ?? []
  if (unknown !== undefined) return `there is no flag ${unknown}`
  const [, word] = /^Unexpected argument '([^']*)'/.exec(message) ?? []
  if (word !== undefined) return `it takes flags only, not '${word}'`
  return message.split('. ', 1)[0]!.split('\n', 1)[0]!
}

function parse(args: string[]) {
  return parseArgs({
    args,
    options: {
      endpoint: { type: 'string' },
      'stats-endpoint': { type: 'string' },
      ssh: { type: 'string' },
      ssh_keyfile: { type: 'string' },
      key: { type: 'string' },
      timeout: { type: 'string' },
      'process-timeout': { type: 'string' },
      sort: { type: 'string' },
      filter: { type: 'string' },
      once: { type: 'boolean' },
      json: { type: 'boolean' },
      version: { type: 'boolean', short: 'v' },
      help: { type: 'boolean', short: 'h' },
    },
  }).values
}
