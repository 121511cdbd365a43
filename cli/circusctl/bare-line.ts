import type { ControlCommand, Flags } from './command.ts'
import { arrange, flagsOf, readLine } from './read-line.ts'

/** No command: what every command takes. */
const none: ControlCommand = { name: '', summary: '' }

/** The flags of a line that names no command: `undefined` when there is more to it, or something is wrong. */
export function bareLine(argv: readonly string[]): Flags | undefined {
  return readLine(none, arrange(none, argv))?.flags
}

/** The connection's flags anywhere on a line, as far as they are complete. */
export function connectionFlagsOf(words: readonly string[]): Flags {
  const known = new Set(Object.keys(flagsOf(none)).map((name) => `--${name}`))
  const { flags } = arrange(none, words)
  return (
    readLine(none, { flags: flags.filter((word) => known.has(word.split('=', 1)[0] as string)), positionals: [] })
      ?.flags ?? {}
  )
}
