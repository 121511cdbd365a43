import { parseArgs } from 'node:util'
import type { LogLevel } from '../../core/index.ts'

/** What `circusd` is asked to run, and what beats the file's own settings. */
export interface RunOptions {
  /** Without it the usual places are searched. */
  readonly file: string | undefined
  readonly pidfile: string | undefined
  readonly logLevel: LogLevel | undefined
  readonly logOutput: string | undefined
}

/** A command line of `circusd`, read. */
export type CommandLine =
  | { readonly id: 'wrong'; readonly reason: string }
  | { readonly id: 'help' }
  | { readonly id: 'version' }
  | { readonly id: 'check'; readonly file: string | undefined; readonly json: boolean }
  | { readonly id: 'daemon' }
  | { readonly id: 'run'; readonly options: RunOptions }

/** One line on how it is called. */
export const usage =
  'usage: circusd [FILE] [--check [--json]] [--daemon] [--pidfile PATH] [--log-level LEVEL] [--log-output WHERE] [--version] [--help]\n'

/** Set for the child of `--daemon`: the descriptor on which it reports how its start went. */
export const reportVariable = 'CIRCUSD_REPORT_FD'

const levels: readonly string[] = ['debug', 'info', 'warning', 'error', 'critical']

/** Read the arguments of `circusd`. Never throws: what is wrong with them is one of the results. */
export function parseCommandLine(argv: string[], env: NodeJS.ProcessEnv = process.env): CommandLine {
  const wrong = (reason: string): CommandLine => ({ id: 'wrong', reason })
  let parsed: ReturnType<typeof parse>
  try {
    parsed = parse(argv)
  } catch (error) {
    return wrong((error as Error).message)
  }
  const { values, positionals } = parsed
  if (values.help) return { id: 'help' }
  if (values.version) return { id: 'version' }
  if (positionals.length > 1) return wrong(`one FILE at most, not ${positionals.length}`)
  const logLevel = values['log-level']?.toLowerCase()
  if (logLevel !== undefined && !levels.includes(logLevel)) {
    return wrong(`--log-level is one of ${levels.join(', ')}, not '${values['log-level']}'`)
  }
  const file = positionals[0]
  if (values.check) {
    return values.daemon ? wrong('--check and --daemon exclude each other') : { id: 'check', file, json: values.json }
  }
  if (values.json) return wrong('--json goes with --check')
  if (values.daemon && env[reportVariable] === undefined) return { id: 'daemon' }
  const { pidfile, 'log-output': logOutput } = values
  return { id: 'run', options: { file, pidfile, logLevel: logLevel as LogLevel | undefined, logOutput } }
}

function parse(argv: string[]) {
  return parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      check: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      daemon: { type: 'boolean', default: false },
      pidfile: { type: 'string' },
      'log-level': { type: 'string' },
      'log-output': { type: 'string' },
      version: { type: 'boolean', short: 'v', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
}
