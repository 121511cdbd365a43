import { columns, section } from './columns.ts'
import { type Argument, type ControlCommand, connectionFlags, type Flag } from './command.ts'
import { usage } from './usage.ts'

/**
 * The help of a command, in oclif's form. Not by oclif: it takes texts for templates and would run what is in them, and
 * those of plugins' commands come from a daemon; loading it takes longer than all the rest, too.
 */
export function commandHelp(command: ControlCommand): string {
  const { summary, plugin, args = [], flags = {}, examples = [] } = command
  const given = new Set(args.map(({ name }) => name))
  const own = Object.entries(flags).filter(([name]) => !given.has(name))
  return [
    summary + (plugin === undefined ? '' : ` (plugin ${plugin})`),
    section('USAGE', [`$ ${usage(command)}`]),
    section('ARGUMENTS', columns(args.map(argumentRow))),
    section('FLAGS', columns(own.map(flagRow))),
    connectionHelp(),
    section(
      'EXAMPLES',
      examples.map((example) => `$ circusctl ${example}`),
    ),
    ...(args.some(({ name }) => Object.hasOwn(flags, name))
      ? ['An argument may be given as a flag of its name as well.']
      : []),
  ]
    .filter((text) => text !== '')
    .join('\n\n')
}

/** The flags that every command has. */
export const connectionHelp = (): string =>
  section('FLAGS OF THE CONNECTION', columns(Object.entries(connectionFlags).map(flagRow)))

const argumentRow = ({ name, description }: Argument) => [name.toUpperCase(), description] as const

function flagRow([name, { type, short, description, options, multiple, env, default: fallback }]: [string, Flag]) {
  const value = type === 'boolean' ? '' : `=${options ? options.join('|') : type.toUpperCase()}`
  const notes = [
    description,
    multiple ? '(several times)' : '',
    env === undefined ? '' : `[env: ${env}]`,
    fallback === undefined ? '' : `(${fallback})`,
  ]
  return [
    `${short === undefined ? '' : `-${short}, `}--${name}${value}`,
    notes.filter((note) => note !== '').join(' '),
  ] as const
}
