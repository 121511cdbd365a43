import { type ControlCommand, type Flag, UsageError } from '../command.ts'
import { readRemoteLine } from '../extensions/remote-call.ts'
import { flagsOf, type Line, readNumber } from '../read-line.ts'
import { usage } from '../remote-commands.ts'

/** What is wrong with a line that `readLine` did not take, in a few words. `undefined`: oclif knows. */
export function mistakeOf(command: ControlCommand, words: readonly string[]): UsageError | undefined {
  let line: Line
  try {
    line = readRemoteLine(command, words)
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
  return tooMany === undefined ? undefined : wrong(command, `there is no place for '${tooMany}'`)
}

const wrong = (command: ControlCommand, why: string) => new UsageError(`${why}\nUsage: ${usage(command)}`)

function fits({ type, options }: Flag, text: string): boolean {
  if (type === 'number') return readNumber(text) !== undefined
  return type === 'boolean' || (options ? options.includes(text) : text !== '')
}

const expectedBy = ({ type, options }: Flag) =>
  type === 'number' ? 'a number from 0' : (options?.join(', ') ?? 'a text')
