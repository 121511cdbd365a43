import { type Argument, type ControlCommand, connectionFlags, type Flag, type Flags, UsageError } from './command.ts'
import { commandLoaders } from './commands/index.ts'
import type { Daemon } from './daemon.ts'
import { choicesOf, isBoolean, isList, type JsonSchema, readProperty, whatToWrite } from './json-property.ts'
import { replyText } from './reply-text.ts'
import { usage } from './usage.ts'

/** One entry of the daemon's `commands` reply. */
interface Described {
  readonly summary?: string
  readonly properties?: { readonly properties?: Readonly<Record<string, JsonSchema>>; readonly required?: string[] }
  readonly plugin?: string
}

/** One property of a request, and how the command line gives it. */
interface Property {
  readonly name: string
  /** Of its flag. */
  readonly flag: string
  readonly schema: JsonSchema
  readonly required: boolean
  readonly positional: boolean
}

/**
 * The commands of a daemon that `circusctl` has none of its own for: those of its plugins. None when it is an original
 * Circus, which does not tell. Rejects like `Daemon.call`.
 */
export async function remoteCommands(daemon: Daemon): Promise<ControlCommand[]> {
  const { Errno, ReplyError } = await import('../../core/client.ts')
  const { commands } = await daemon.call('commands').catch((error: unknown) => {
    if (error instanceof ReplyError && error.errno === Errno.unknownCommand) return { commands: {} }
    throw error
  })
  return Object.entries(Object(commands) as Record<string, Described>)
    .filter(([name]) => isName.test(name) && !Object.hasOwn(commandLoaders, name))
    .map(([name, described]) => remoteCommand(name, Object(described)))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/**
 * A command made from what the daemon says about it: required properties are arguments in the order of the schema (or
 * flags, as one likes), the others flags; a list is given by repeating it.
 */
export function remoteCommand(name: string, { summary = '', properties: schema, plugin }: Described): ControlCommand {
  const properties = propertiesOf(name, Object(schema))
  const positional = properties.filter((property) => property.positional)
  const last = positional.at(-1)
  const command: ControlCommand = {
    name,
    summary: oneLine(summary),
    ...(plugin !== undefined && { plugin: String(plugin) }),
    args: positional.map(argument),
    ...(last && isList(last.schema) && { variadicAfter: positional.length }),
    flags: Object.fromEntries(properties.flatMap(flagsOf)),
    properties: (positionals, flags) => {
      try {
        return request(properties, positionals, flags)
      } catch (error) {
        if (error instanceof UsageError) throw new UsageError(`${error.message}\nUsage: ${usage(command)}`)
        throw error
      }
    },
    print: replyText,
  }
  return command
}

/** What can be a word of a command line, or a flag. */
const isName = /^[a-z][\w.:-]*$/i

function propertiesOf(command: string, { properties, required }: NonNullable<Described['properties']>): Property[] {
  const needed = new Set(Array.isArray(required) ? required : [])
  const entries = Object.entries(Object(properties) as Record<string, unknown>)
    .filter(([name]) => isName.test(name))
    .map(([name, schema]) => ({ name, schema: Object(schema) as JsonSchema, required: needed.has(name) }))
  // Where a list ends cannot be told unless it comes last; a second one is a flag only.
  const list = entries.findLast((entry) => entry.required && isList(entry.schema))
  const ordered = list ? [...entries.filter((entry) => entry !== list), list] : entries
  return ordered.map((entry) => ({
    ...entry,
    // The flags of the connection, and --help, are taken in every command.
    flag: entry.name === 'help' || Object.hasOwn(connectionFlags, entry.name) ? `${command}-${entry.name}` : entry.name,
    positional: entry.required && (entry === list || !isList(entry.schema)),
  }))
}

function argument({ flag, schema, required }: Property): Argument {
  const options = optionsOf(schema)
  return { name: flag, description: describe(schema), required, ...(options && { options }) }
}

function flagsOf({ flag, schema, required }: Property): [name: string, flag: Flag][] {
  const description = describe(schema, true) + (required ? ' (required)' : '')
  if (isBoolean(schema)) {
    const yes: [string, Flag] = [flag, { type: 'boolean', description }]
    return schema.default === false ? [yes] : [yes, [`no-${flag}`, { type: 'boolean', description: `not: ${flag}` }]]
  }
  const repeatable = isList(schema)
  const options = optionsOf(schema)
  return [[flag, { type: 'text', description, ...(options && { options }), ...(repeatable && { multiple: true }) }]]
}

/** The properties of the request. Throws a `UsageError`. */
function request(
  properties: readonly Property[],
  positionals: readonly string[],
  flags: Flags,
): Record<string, unknown> {
  const words = [...positionals]
  const values: [string, unknown][] = []
  for (const { name, flag, schema, required, positional } of properties) {
    const given = valueOfFlag(flag, schema, flags)
    if (given !== undefined) values.push([name, given])
    else if (positional && words.length > 0) {
      const place = flag.toUpperCase()
      const value = isList(schema)
        ? words.splice(0).map((word) => readProperty(place, Object(schema.items), word))
        : readProperty(place, schema, words.shift()!)
      values.push([name, value])
    } else if (required) {
      const what = schema.description ? `: ${oneLine(schema.description)}` : ''
      throw new UsageError(`${positional ? flag.toUpperCase() : `--${flag}`} is missing${what}`)
    }
  }
  if (words.length > 0) throw new UsageError(`there is no place for '${words[0]}'`)
  return Object.fromEntries(values)
}

function valueOfFlag(flag: string, schema: JsonSchema, flags: Flags): unknown {
  const given = Object.hasOwn(flags, flag) ? flags[flag] : undefined
  if (isBoolean(schema)) return flags[`no-${flag}`] === true ? false : given
  if (given === undefined) return undefined
  const texts = [given].flat().map(String)
  if (isList(schema)) return texts.map((text) => readProperty(`--${flag}`, Object(schema.items), text))
  return readProperty(`--${flag}`, schema, texts.at(-1)!)
}

/** The only texts it takes, or each of its items. */
const optionsOf = (schema: JsonSchema): string[] | undefined =>
  choicesOf(isList(schema) ? Object(schema.items) : schema)?.map(oneLine)

/** What it is for, what it takes unless that shows anyway, and what holds without it. */
function describe(schema: JsonSchema, showsChoices = false): string {
  const { description = '', default: fallback } = schema
  const item: JsonSchema = isList(schema) ? Object(schema.items) : schema
  const needsWords = !isBoolean(schema) && !(showsChoices && choicesOf(item))
  const words = [oneLine(description), ...(needsWords ? [whatToWrite(item)] : [])].filter((text) => text !== '')
  const shown = typeof fallback === 'string' ? fallback : JSON.stringify(fallback)
  return words.join('; ') + (fallback === undefined || fallback === false ? '' : ` (${oneLine(shown)})`)
}

/** A text of the daemon's on one line, without what a terminal would take as an order. */
const oneLine = (text: unknown): string =>
  String(text)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
