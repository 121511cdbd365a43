import { delimiter, join } from 'node:path'
import { splitCommand } from '../../core/plugin.ts'

/** What a watcher runs, as far as it tells which files that is. */
export interface Command {
  /** The words of each program: a shell may be told to run several. */
  readonly lines: readonly (readonly string[])[]
  /** Where programs without a `/` are looked up. */
  readonly path: readonly string[]
  readonly folder: string
}

type Options = Readonly<Record<string, unknown>>

/** The command of a watcher, from what the daemon answers to `options`. None where it cannot be split. */
export function commandOf(options: Options): Command {
  const folder = String(options['working_dir'] ?? '/')
  return { lines: linesOf(options), path: pathOf(options), folder }
}

function linesOf(options: Options): string[][] {
  const expand = (text: unknown) => expanded(String(text ?? ''), options)
  const { args, executable } = options
  try {
    const cmd = expand(options['cmd'])
    const rest = Array.isArray(args) ? args.map(expand) : undefined
    if (options['shell']) return simpleCommands(`${cmd} ${rest?.join(' ') ?? expand(args)}`)
    const [program, ...words] = [...splitCommand(cmd), ...(rest ?? splitCommand(expand(args)))]
    const first = executable ? String(executable) : program
    return first === undefined ? [] : [[first, ...words]]
  } catch {
    return [] // a quote is not closed: it cannot be run either
  }
}

/** The commands in a line for a shell. Not what a shell sees in it, but enough to find programs and scripts. */
export function simpleCommands(script: string): string[][] {
  const commands: string[][] = [[]]
  for (const word of splitCommand(script.replace(/(&&|\|\||;|\||&(?!\d)|\n)/g, ' $1 '))) {
    if (/^(&&|\|\||;|\||&)$/.test(word)) commands.push([])
    else if (commands.at(-1)!.length > 0 || !/^(exec|\w+=.*)$/.test(word)) commands.at(-1)!.push(word)
  }
  return commands.filter(({ length }) => length > 0)
}

/** `$(circus.env.NAME)` and `$(circus.OPTION)` as the daemon reads them. What has none, like a socket, stays as it is. */
function expanded(text: string, options: Options): string {
  return text.replace(/\$\(circus\.([\w.-]+)\)|\(\(circus\.([\w.-]+)\)\)/gi, (whole, one?: string, other?: string) => {
    const name = (one ?? other)!.toLowerCase()
    const variables = { ...(options['copy_env'] ? process.env : {}), ...envOf(options) }
    const table = name.startsWith('env.') ? variables : options
    const wanted = name.replace(/^env\./, '')
    const found = Object.entries(table).find(([key]) => key.toLowerCase() === wanted)?.[1]
    return typeof found === 'string' || typeof found === 'number' ? String(found) : whole
  })
}

function pathOf(options: Options): string[] {
  const inherited = process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin'
  // References are to the daemon's variables, which are this program's as well.
  const own = envOf(options)['PATH']?.replace(
    /\$(?:(\w+)|\{(\w+)\})/g,
    (_, bare?: string, braced?: string) => process.env[(bare ?? braced)!] ?? '',
  )
  const virtualenv = options['virtualenv']
  return [...(virtualenv ? [join(String(virtualenv), 'bin')] : []), ...(own ?? inherited).split(delimiter)]
}

const envOf = (options: Options) => (options['env'] ?? {}) as Readonly<Record<string, string>>
