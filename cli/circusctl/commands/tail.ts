import { type ControlCommand, type Flags, UsageError } from '../command.ts'
import { match, pidOf } from '../shared-flags.ts'
import type { Wanted } from '../tail/ask.ts'

/** How many lines are shown of each watcher, unless one says how many. */
const defaultLines = 10

export const tail: ControlCommand = {
  name: 'tail',
  summary: 'Show the last lines that processes wrote, and with -f what they go on to write.',
  args: [{ name: 'name', description: "watchers' names, or patterns; all of them without any" }],
  variadicAfter: Number.POSITIVE_INFINITY,
  flags: {
    follow: { type: 'boolean', short: 'f', description: 'go on with what comes, until Ctrl-C' },
    lines: {
      type: 'number',
      short: 'n',
      description: 'so many lines of each watcher; 200 or more of each process are kept',
      default: String(defaultLines),
    },
    pid: { type: 'number', description: 'only this process' },
    stdout: { type: 'boolean', description: 'only what came on stdout' },
    stderr: { type: 'boolean', description: 'only what came on stderr' },
    ...match,
  },
  examples: ['tail', 'tail web -f', "tail 'worker-*' db -n 50", 'tail web --stderr --json'],
  streams: true,
  async run(session, names, flags) {
    const wanted = wantedBy(names, flags)
    const { printTail } = await import('../tail/print-tail.ts')
    return printTail(session, wanted, flags.follow === true)
  },
}

/** Throws a `UsageError`. */
function wantedBy(names: readonly string[], { lines = defaultLines, pid, stdout, stderr, match }: Flags): Wanted {
  if (!Number.isSafeInteger(lines)) throw new UsageError(`--lines takes a whole number, not '${lines}'`)
  return {
    names,
    lines: Number(lines),
    pid: pid === undefined ? undefined : pidOf(String(pid)),
    stream: stdout === stderr ? undefined : stdout ? 'stdout' : 'stderr',
    match: match === undefined ? undefined : String(match),
  }
}
