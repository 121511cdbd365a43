import { type ControlCommand, type Flag, type FlagValue, UsageError } from './command.ts'
import { arrange, flagsOf, type Line, readNumber } from './read-line.ts'
import { usage } from './usage.ts'

/** What is wrong with a line that `readLine` did not take, in a few words. */
export function mistakeOf(command: ControlCommand, words: readonly string[]): UsageError {
  let line: Line
  try {
    line = readOrExplain(command, words)
  } catch (error) {
    return error as UsageError
  }
  for (const [name, value] of Object.entries(line.flags)) {
    const flag = flagsOf(command)[name]
    const misfit = [value].flat().find((one) => flag !== undefined && !fits(flag, String(one)))
    if (flag && misfit !== undefined) return wrong(command, `--${name} takes ${expectedBy(flag)}, not '${misfit}'`)
  }
  const { args = [], variadicAfter } = command
  const missing = args.find(
    ({ name, required }, at) => required && at >= line.positionals.length && !(name in line.flags),
  )
  if (missing) return wrong(command, `${missing.name.toUpperCase()} is missing: ${missing.description}`)
  const tooMany = variadicAfter === undefined ? line.positionals[args.length] : undefined
  return wrong(command, tooMany === undefined ? 'that cannot be read' : `there is no place for '${tooMany}'`)
}

/**
 * Read the words of a command whose arguments the command itself judges. Throws a `UsageError` that says which flag is
 * wrong.
 */
export function readOrExplain(command: ControlCommand, words: readonly string[]): Line {
  const arranged = arrange(command, words)
  const flags: Record<string, FlagValue> = {}
  for (const word of arranged.flags) {
    const [, name = '', value] = /^--?([^=]*)(?:=(.*))?$/s.exec(word) ?? []
    const flag = word.startsWith('--') && Object.hasOwn(flagsOf(command), name) ? flagsOf(command)[name] : undefined
    if (!flag)
      throw wrong(command, `there is no flag ${word.split('=', 1)[0]}; write -- before a text that begins with a dash`)
    if (flag.type === 'boolean') {
      if (value !== undefined) throw wrong(command, `--${name} takes no value: write it or leave it out`)
      flags[name] = true
    } else if (value === undefined) throw wrong(command, `--${name} needs a value: ${flag.description}`)
    else flags[name] = flag.multiple ? [...((flags[name] as string[] | undefined) ?? []), value] : value
  }
  return { flags, positionals: arranged.positionals }
}

const wrong = (command: ControlCommand, why: string) => new UsageError(`${why}\nUsage: ${usage(command)}`)

function fits({ type, options }: Flag, text: string): boolean {
  if (type === 'number') return readNumber(text) !== undefined
  return type === 'boolean' || (options ? options.includes(text) : text !== '')
}

const expectedBy = ({ type, options }: Flag) =>
  type === 'number' ? 'a number from 0' : (options?.join(', ') ?? 'a text')
