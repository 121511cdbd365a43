import { flatten } from './flatten.ts'
import { quoteWord, splitCommand } from './split-command.ts'
import { environmentLookup, type Lookup, substitute } from './substitute.ts'
import type { WatcherOptions } from './types.ts'

/** What the references in a command line stand for. */
export interface CommandContext {
  /** The watcher's name. */
  readonly name: string
  /** The process's number within its watcher, from 1. */
  readonly wid: number
  /** The descriptor a socket has in the process, by the socket's name. */
  readonly sockets: Readonly<Record<string, number>>
  /** The environment the process will have. */
  readonly env: Readonly<Record<string, string>>
}

/**
 * The words of the command to run. `$(circus.wid)`, `((circus.wid))` and `$WID`, `$(circus.sockets.NAME)`,
 * `$(circus.env.NAME)` and every option of the watcher by its name are replaced, in any case; an unknown one stays.
 *
 * With `shell`, the words are `/bin/sh -c TEXT` and the shell's arguments. TEXT is `cmd args` as written: the original
 * quotes each word of it first, so that no pipe, variable or `&&` in it ever works, which is what a shell is asked for.
 * Elements of a list are always one word each, quoted for a shell.
 * Throws a `SyntaxError` for an unbalanced quote.
 */
export function commandLine(options: WatcherOptions, context: CommandContext): { argv: string[] } {
  const lookup = commandLookup(options, context)
  const expand = (text: string) => substitute(text, lookup).replace(/\$WID(?![A-Za-z0-9_])/g, String(context.wid))
  const cmd = expand(options.cmd)
  if (!options.shell) return { argv: [...splitCommand(cmd), ...splitWords(options.args, expand)] }
  const args =
    typeof options.args === 'string'
      ? expand(options.args)
      : options.args.map((word) => quoteWord(expand(word))).join(' ')
  const script = args === '' ? cmd : `${cmd} ${args}`
  return { argv: ['/bin/sh', '-c', script, ...splitWords(options.shell_args ?? '', expand)] }
}

function splitWords(words: string | readonly string[], expand: (text: string) => string): string[] {
  return typeof words === 'string' ? splitCommand(expand(words)) : words.map(expand)
}

function commandLookup(options: WatcherOptions, { name, wid, sockets, env }: CommandContext): Lookup {
  const environment = environmentLookup([Object.entries(env)])
  const descriptors = new Map(Object.entries(sockets).map(([socket, fd]) => [`sockets.${socket.toLowerCase()}`, fd]))
  let table: Map<string, string> | undefined
  return (reference) => {
    const folded = reference.toLowerCase()
    if (folded === 'wid') return String(wid)
    if (folded === 'name') return name
    const known = descriptors.get(folded) ?? environment(reference)
    if (known !== undefined) return String(known)
    const limits = Object.entries(options.rlimits).map(([limit, value]): [string, unknown] => [
      `rlimits.${limit}`,
      value,
    ])
    table ??= new Map([...flatten(options), ...limits].flatMap(([option, value]) => referable(option, value)))
    return table.get(folded)
  }
}

/** As the original prints them: booleans are `True` and `False`, what is not set is empty. */
function referable(option: string, value: unknown): [string, string][] {
  if (Array.isArray(value)) return [[option.toLowerCase(), value.map((word) => quoteWord(String(word))).join(' ')]]
  if (typeof value === 'object' && value !== null) return []
  const text = typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value ?? '')
  return [[option.toLowerCase(), text]]
}
