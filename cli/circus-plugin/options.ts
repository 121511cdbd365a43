import { parseArgs } from 'node:util'
import type { Line } from '../begin.ts'

/** What `circus-plugin` is asked to run. */
export interface PluginRunOptions {
  readonly name: string
  /** The daemon's control endpoint; without it the file's, or the default one. */
  readonly endpoint: string | undefined
  /** The daemon's event endpoint; without it the daemon is asked. */
  readonly pubsub: string | undefined
  /** The file with the client's key, for a daemon that wants one. */
  readonly key: string | undefined
  /** The plugin's options given with `--option`. */
  readonly options: Readonly<Record<string, string>>
  /** An ini whose `[plugin:NAME]` tells the rest. */
  readonly config: string | undefined
}

/** What `circus-plugin --help` prints. */
export const usage = `usage: circus-plugin NAME [--endpoint E] [--pubsub E] [--key FILE] [--option KEY=VALUE …] [--config INI]

Runs one plugin in a process of its own against a running circusd, until a signal ends it. NAME is a built-in plugin, a
path or a package; with --config, NAME is that file's [plugin:NAME], and its options and endpoints are used.

  --endpoint E         the daemon's control endpoint (CIRCUSCTL_ENDPOINT, tcp://127.0.0.1:5555)
  --pubsub E           the daemon's event endpoint; it is asked for it otherwise
  --key FILE           the client's key, for a daemon with auth = curve (CIRCUS_KEY, client.key in the default folder)
  --option KEY=VALUE   an option of the plugin; as often as needed

Exit codes: 0 stopped when asked; 1 it cannot run; 2 wrong usage.
`

/** Read the arguments of `circus-plugin`. Never throws. */
export function parsePluginLine(argv: string[]): Line<PluginRunOptions> {
  let parsed: ReturnType<typeof parse>
  try {
    parsed = parse(argv)
  } catch (error) {
    return { id: 'wrong', reason: (error as Error).message }
  }
  const { values, positionals } = parsed
  if (values.help) return { id: 'help' }
  if (values.version) return { id: 'version' }
  const [name] = positionals
  if (name === undefined || positionals.length > 1) return { id: 'wrong', reason: 'name one plugin' }
  const pairs = (values.option ?? []).map((text) => /^([^=]+)=(.*)$/s.exec(text)?.slice(1) as [string, string])
  if (pairs.includes(undefined as never)) return { id: 'wrong', reason: '--option takes KEY=VALUE' }
  const { endpoint, pubsub, key, config } = values
  return { id: 'run', options: { name, endpoint, pubsub, key, config, options: Object.fromEntries(pairs) } }
}

function parse(argv: string[]) {
  return parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      endpoint: { type: 'string' },
      pubsub: { type: 'string' },
      key: { type: 'string' },
      option: { type: 'string', multiple: true },
      config: { type: 'string' },
      version: { type: 'boolean', short: 'v' },
      help: { type: 'boolean', short: 'h' },
    },
  })
}
