import { type Argument, type ControlCommand, connectionFlags, type Flag } from './command.ts'
import { usage } from './remote-commands.ts'

/**
 * The help of a command, in the form oclif gives that of ours. Not by oclif: it takes texts for templates and would run
 * what is in them, and the texts of these commands come from a daemon.
 */
export function commandHelp(command: ControlCommand): string {
  const { summary, plugin, args = [], flags = {} } = command
  const given = new Set(args.map(({ name }) => name))
  const own = Object.entries(flags).filter(([name]) => !given.has(name))
  return [
    summary + (plugin === undefined ? '' : ` (plugin ${plugin})`),
    section('USAGE', [`$ ${usage(command)}`]),
    section('ARGUMENTS', columns(args.map(argumentRow))),
    section('FLAGS', columns(own.map(flagRow))),
    section('FLAGS OF THE CONNECTION', columns(Object.entries(connectionFlags).map(flagRow))),
    ...(args.some(({ name }) => Object.hasOwn(flags, name))
      ? ['An argument may be given as a flag of its name as well.']
      : []),
  ]
    .filter((text) => text !== '')
    .join('\n\n')
}

/** A heading and its lines; nothing without any. */
export const section = (heading: string, lines: readonly string[]): string =>
  lines.length === 0 ? '' : `${heading}\n${lines.map((line) => `  ${line}`).join('\n')}`

/** Names and what they mean, as lines in two columns. */
export function columns(rows: readonly (readonly [name: string, text: string])[]): string[] {
  const width = Math.max(0, ...rows.map(([name]) => name.length))
  return rows.map(([name, text]) => `${name.padEnd(width)}  ${text}`.trimEnd())
}

const argumentRow = ({ name, description }: Argument) => [name.toUpperCase(), description] as const

function flagRow([name, { type, description, options, multiple, default: fallback }]: [string, Flag]) {
  const value = type === 'boolean' ? '' : `=${options ? options.join('|') : type.toUpperCase()}`
  const notes = [description, multiple ? '(several times)' : '', fallback === undefined ? '' : `(${fallback})`]
  return [`--${name}${value}`, notes.filter((note) => note !== '').join(' ')] as const
}
