import { Flags, type Interfaces } from '@oclif/core'
import type { Flag } from './command.ts'
import { readNumber } from './read-line.ts'

/** One of our flags as oclif has them. */
export function oclifFlag(name: string, flag: Flag): Interfaces.FlagInput[string] {
  const { type, options, env } = flag
  const description = flag.default === undefined ? flag.description : `${flag.description} (${flag.default})`
  switch (type) {
    case 'boolean':
      return Flags.boolean({ description })
    case 'text': {
      const common = { description, ...(env !== undefined && { env }), ...(options && { options: [...options] }) }
      return flag.multiple ? Flags.string({ ...common, multiple: true, multipleNonGreedy: true }) : Flags.string(common)
    }
    case 'number':
      return Flags.custom<number>({
        description,
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
