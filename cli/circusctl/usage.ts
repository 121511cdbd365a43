import type { ControlCommand } from './command.ts'

/** How a command is written: `circusctl backup NAME [--to TEXT]`. */
export function usage({ name, args = [], variadicAfter, flags = {} }: ControlCommand): string {
  const words = args.map(({ name, required }) => (required ? name.toUpperCase() : `[${name.toUpperCase()}]`))
  if (variadicAfter !== undefined && words.length > 0) words.push(`${words.pop()}…`)
  const given = new Set(args.map((arg) => arg.name))
  const options = Object.entries(flags)
    .filter(([flag]) => !given.has(flag))
    .map(([flag, { type, options, multiple }]) => {
      const value = type === 'boolean' ? '' : ` ${options?.join('|') ?? type.toUpperCase()}`
      return `[--${flag}${value}]${multiple ? '…' : ''}`
    })
  return ['circusctl', name, ...words, ...options].join(' ')
}
