/** A watcher that is being thought up. All of it is text, as it is written. */
export interface Draft {
  readonly name: string
  readonly cmd: string
  readonly options: readonly Pair[]
  readonly variables: readonly Pair[]
}

/** A name and what it is set to. `id` tells rows apart while they are written. */
export interface Pair {
  readonly id: number
  readonly name: string
  readonly value: string
}

const filled = (pairs: readonly Pair[]) => pairs.filter(({ name }) => name.trim() !== '')

/** What `add` is told. */
export function requestOf({ name, cmd, options, variables }: Draft): Record<string, unknown> {
  const chosen = Object.fromEntries(filled(options).map((pair) => [pair.name.trim(), pair.value]))
  const env = Object.fromEntries(filled(variables).map((pair) => [pair.name.trim(), pair.value]))
  return { name: name.trim(), cmd, options: { ...chosen, ...(Object.keys(env).length > 0 && { env }) } }
}

/** The same as a part of an ini file, to be kept. */
export function iniOf({ name, cmd, options, variables }: Draft): string {
  const section = [
    `[watcher:${name.trim()}]`,
    line('cmd', cmd),
    ...filled(options).map((pair) => line(pair.name.trim(), pair.value)),
  ]
  const env = filled(variables).map((pair) => line(pair.name.trim(), pair.value))
  const second = env.length > 0 ? ['', `[env:${name.trim()}]`, ...env] : []
  return `${[...section, ...second].join('\n')}\n`
}

// A line that goes on begins with a blank.
const line = (name: string, value: string): string => `${name} = ${value.trim().replaceAll(/\r?\n/g, '\n  ')}`

/** What cannot be written into an ini, and why; `undefined` when all can. */
export function troubleOf({ name, options, variables }: Draft): string | undefined {
  if (/[\]\r\n]/.test(name)) return 'A name with a bracket or a line break cannot stand in an ini file.'
  const pairs = [...filled(options), ...filled(variables)]
  if (pairs.some(({ value }) => /\s;/.test(value)))
    return 'In an ini file a blank and a semicolon begin a comment: what follows would be lost.'
  const names = filled(options).map((pair) => pair.name.trim())
  const twice = names.find((each, at) => names.indexOf(each) !== at)
  return twice === undefined
    ? undefined
    : `${twice} is there twice: the last one counts here, the first one in an ini file.`
}
