import { Flags, type Interfaces } from '@oclif/core'
import type { Flag } from './command.ts'
import { readNumber } from './read-line.ts'

/** One of our flags as oclif has them. */
export function oclifFlag(name: string, flag: Flag): Interfaces.FlagInput[string] {
  const { type, options, env } = flag
  const text = flag.default === undefined ? flag.description : `${flag.description} (${flag.default})`
  const description = { description: text, ...(flag.short !== undefined && { char: flag.short as 'f' }) }
  switch (type) {
    case 'boolean':
      return Flags.boolean(description)
    case 'text': {
      const common = { ...description, ...(env !== undefined && { env }), ...(options && { options: [...options] }) }
      return flag.multiple ? Flags.string({ ...common, multiple: true, multipleNonGreedy: true }) : Flags.string(common)
    }
    case 'number':
      return Flags.custom<number>({
        ...description,
        parse: async (text) => {
          const number = readNumber(text)
          if (number === undefined) throw new Error(`--${name} takes a number from 0, not '${text}'`)
          return number
        },
      })()
    default:
      return type satisfies never
  }
}
