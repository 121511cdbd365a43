import { type Argument, type Flag, UsageError } from './command.ts'

export const watcher: Argument = { name: 'name', description: "the watcher's name", required: true }

export const oneOrAll: Argument = {
  name: 'name',
  description: "a watcher's name, or a pattern; all of them without it",
}

export const waiting: Readonly<Record<string, Flag>> = {
  waiting: { type: 'boolean', description: 'return when the work is done' },
}

export const match: Readonly<Record<string, Flag>> = {
  match: { type: 'text', options: ['glob', 'simple', 'regex'], description: 'how the name is meant (glob)' },
}

/** The pid that an argument is. Throws a `UsageError`. */
export function pidOf(text: string): number {
  const pid = Number(text)
  if (Number.isSafeInteger(pid) && pid > 0) return pid
  throw new UsageError(`'${text}' is not a pid`)
}
