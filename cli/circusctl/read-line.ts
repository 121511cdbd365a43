import { type ControlCommand, connectionFlags, type Flag, type Flags, type FlagValue } from './command.ts'

/** The arguments of one command, told apart. */
export interface ArrangedLine {
  /** `--name` and `--name=value`, the command's own and unknown ones, in their order. */
  readonly flags: readonly string[]
  readonly positionals: readonly string[]
}

/** A command line that was understood. */
export interface Line {
  readonly flags: Flags
  readonly positionals: readonly string[]
}

/**
 * Put the command's name first: the original takes the connection's flags before it as well. A line without a command
 * begins with `--help` or `--version` if it has them.
 */
export function nameFirst(argv: readonly string[]): string[] {
  let at = 0
  while (at < argv.length && argv[at]?.startsWith('-') && argv[at] !== '--') {
    const [name, value] = split(argv[at] as string)
    const flag = Object.hasOwn(connectionFlags, name) ? connectionFlags[name] : undefined
    if (!flag && !isAboutUs(argv[at])) return [...argv]
    at += !flag || flag.type === 'boolean' || value !== undefined ? 1 : 2
  }
  const first = at < argv.length ? at : argv.findIndex(isAboutUs)
  return first < 0 ? [...argv] : [...argv.slice(first, first + 1), ...argv.slice(0, first), ...argv.slice(first + 1)]
}

const isAboutUs = (word: string | undefined) => word === '--help' || word === '-h' || word === '--version'

/** Tell flags from positional arguments, by what the command declares. */
export function arrange(command: ControlCommand, argv: readonly string[]): ArrangedLine {
  const flags: string[] = []
  const positionals: string[] = []
  for (let at = 0; at < argv.length; at++) {
    const word = longForm(argv[at] as string, flagsOf(command))
    if (word === '--') {
      positionals.push(...argv.slice(at + 1))
      break
    }
    const [name, value] = split(word)
    const flag = word.startsWith('--') ? flagsOf(command)[name] : undefined
    if (flag) {
      const takesNext = flag.type !== 'boolean' && value === undefined && at + 1 < argv.length
      flags.push(takesNext ? `${word}=${argv[++at]}` : word)
    } else if (!/^--?[a-z]/i.test(word) || positionals.length >= (command.variadicAfter ?? Number.POSITIVE_INFINITY)) {
      positionals.push(word)
    } else flags.push(word === '-h' ? '--help' : word)
  }
  return { flags, positionals }
}

/** A flag that was written by its letter, in full: `-n 5`, `-n5`. Any other word as it is. */
export function longForm(word: string, flags: Readonly<Record<string, Flag>>): string {
  const [, letter, value = ''] = /^-([a-z])(.*)$/is.exec(word) ?? []
  const [name, flag] = Object.entries(flags).find(([, { short }]) => short !== undefined && short === letter) ?? []
  if (!flag || (flag.type === 'boolean' && value !== '')) return word
  return value === '' ? `--${name}` : `--${name}=${value.replace(/^=/, '')}`
}

/** Read a line that is right, as most are. `null`: something is wrong, and `mistakeOf` says what. */
export function readLine(command: ControlCommand, { flags: words, positionals }: ArrangedLine): Line | null {
  const { args = [], variadicAfter } = command
  const given = new Set(words.map((word) => split(word)[0]))
  if (positionals.length < args.filter(({ name, required }) => required && !given.has(name)).length) return null
  if (variadicAfter === undefined && positionals.length > args.length) return null
  const flags: Record<string, FlagValue> = {}
  for (const word of words) {
    const [name, value] = split(word)
    const flag = flagsOf(command)[name]
    const read = flag && readFlag(flag, value)
    if (read === undefined) return null
    flags[name] = flag?.multiple ? [...((flags[name] as string[] | undefined) ?? []), String(read)] : read
  }
  return { flags, positionals }
}

/** The flags of a command, the connection's included. */
export function flagsOf(command: ControlCommand): Readonly<Record<string, Flag>> {
  return Object.assign(Object.create(null), connectionFlags, command.flags) // no flag is called --constructor
}

function readFlag(flag: Flag, value: string | undefined): string | number | boolean | undefined {
  switch (flag.type) {
    case 'boolean':
      return value === undefined ? true : undefined
    case 'text':
      return value === undefined || value === '' || (flag.options && !flag.options.includes(value)) ? undefined : value
    case 'number':
      return value === undefined ? undefined : readNumber(value)
    default:
      return flag.type satisfies never
  }
}

/** A number from 0, or `undefined`. */
export function readNumber(text: string): number | undefined {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined
}

function split(word: string): [name: string, value: string | undefined] {
  const [, name = '', value] = /^--([^=]*)(?:=(.*))?$/s.exec(word) ?? []
  return [name, value]
}
