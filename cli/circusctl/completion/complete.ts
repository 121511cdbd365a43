import { type ControlCommand, connectionFlags, type Flag } from '../command.ts'
import { flagsOf, longForm } from '../read-line.ts'
import { type Candidate, type Completion, type Knowledge, valuesOf } from './values.ts'

/** A command line up to the word that is being completed. */
interface Position {
  readonly positionals: readonly string[]
  /** The flag whose value comes next. */
  readonly flag: string | undefined
  /** Only positional arguments can come: after `--`. */
  readonly noFlags: boolean
  /** How many words were read. */
  readonly read: number
}

/**
 * What the word `current` can become, after `words` (those before it, without the program's name). Asks `knowledge` for
 * no more than it needs. One completer for the console and the shells: neither quotes nor shells are known here.
 */
export async function complete(words: readonly string[], current: string, knowledge: Knowledge): Promise<Completion> {
  const before = walk(words, connectionFlags, 1)
  const [name] = before.positionals
  if (name === undefined) {
    if (before.flag !== undefined) return ofFlag(before.flag, connectionFlags, undefined, current, knowledge)
    const assigned = await ofAssignment(connectionFlags, undefined, current, knowledge)
    if (assigned) return assigned
    if (current.startsWith('-')) return flagCandidates({ ...connectionFlags, ...programFlags }, words, current)
    const commands = await knowledge.commands()
    return matching(
      commands.map(({ name, summary }) => ({ value: name, description: summary })),
      current,
    )
  }
  const command = await knowledge.command(name)
  return command ? ofCommand(command, words.slice(before.read), current, knowledge) : []
}

/** The same for a program that is one command, like `circusd`. */
export async function ofCommand(
  command: ControlCommand,
  words: readonly string[],
  current: string,
  knowledge: Knowledge,
  flags = flagsOf(command),
): Promise<Completion> {
  const { positionals, flag, noFlags } = walk(words, flags, Number.POSITIVE_INFINITY)
  if (flag !== undefined) return ofFlag(flag, flags, { command, positionals }, current, knowledge)
  if (!noFlags) {
    const assigned = await ofAssignment(flags, { command, positionals }, current, knowledge)
    if (assigned) return assigned
    if (current.startsWith('-')) return flagCandidates({ ...flags, help: programFlags.help }, words, current)
  }
  const { args = [], variadicAfter } = command
  const place = positionals.length
  if (place >= args.length && variadicAfter === undefined) return []
  const { name: argument, options } = args[place] ?? args.at(-1) ?? {}
  if (argument === undefined) return []
  if (options)
    return matching(
      options.map((value) => ({ value })),
      current,
    )
  const found = await valuesOf({ command, positionals, argument, current }, knowledge)
  return found === 'files' ? found : matching(found, current, positionals.slice(1))
}

/** Flags of the programs whose value is a file. */
const fileFlags: ReadonlySet<string> = new Set(['key', 'ssh_keyfile', 'pidfile', 'log-output'])

const programFlags = {
  help: { type: 'boolean', description: 'say how it is used' },
  version: { type: 'boolean', description: "print circusctl's version" },
} as const satisfies Record<string, Flag>

/** Read words up to so many positional arguments. */
function walk(words: readonly string[], flags: Readonly<Record<string, Flag>>, most: number): Position {
  const positionals: string[] = []
  let read = 0
  let flag: string | undefined
  for (; read < words.length && positionals.length < most; read++) {
    const word = longForm(words[read] as string, flags)
    if (flag !== undefined) {
      flag = undefined
      continue
    }
    if (word === '--') {
      positionals.push(...words.slice(read + 1))
      return { positionals, flag, noFlags: true, read: words.length }
    }
    const [, name, assigned] = /^--([^=]+)(=)?/.exec(word) ?? []
    const declared = name !== undefined && Object.hasOwn(flags, name) ? flags[name] : undefined
    if (declared && declared.type !== 'boolean' && assigned === undefined) flag = name
    else if (name === undefined) positionals.push(word)
  }
  return { positionals, flag, noFlags: false, read }
}

/** What `--name=beginning` can become, if that is what the word is. */
async function ofAssignment(
  flags: Readonly<Record<string, Flag>>,
  at: { command: ControlCommand; positionals: readonly string[] } | undefined,
  current: string,
  knowledge: Knowledge,
): Promise<Completion | undefined> {
  const [, prefix = '', name = '', value = ''] = /^(--([^=]+)=)(.*)$/s.exec(current) ?? []
  if (!Object.hasOwn(flags, name)) return undefined
  const found = await ofFlag(name, flags, at, value, knowledge)
  return found === 'files' ? found : found.map((candidate) => ({ ...candidate, value: prefix + candidate.value }))
}

async function ofFlag(
  name: string,
  flags: Readonly<Record<string, Flag>>,
  at: { command: ControlCommand; positionals: readonly string[] } | undefined,
  current: string,
  knowledge: Knowledge,
): Promise<Completion> {
  const options = flags[name]?.options
  if (options)
    return matching(
      options.map((value) => ({ value })),
      current,
    )
  if (fileFlags.has(name)) return 'files'
  if (!at || Object.hasOwn(connectionFlags, name)) return []
  const found = await valuesOf({ ...at, argument: name, current }, knowledge)
  return found === 'files' ? found : matching(found, current)
}

function flagCandidates(flags: Readonly<Record<string, Flag>>, words: readonly string[], current: string): Candidate[] {
  const given = new Set(words.map((word) => longForm(word, flags).split('=', 1)[0]))
  return matching(
    Object.entries(flags)
      .map(([name, { description, multiple }]) => ({ value: `--${name}`, description, multiple }))
      .filter(({ value, multiple }) => multiple || !given.has(value))
      .map(({ value, description }) => ({ value, description })),
    current,
  )
}

/**
 * Those that begin like the word, without what is there already. Watchers are called by their names in whatever case,
 * so what was typed stays and the rest is added to it.
 */
function matching(candidates: readonly Candidate[], current: string, taken: readonly string[] = []): Candidate[] {
  const beginning = current.toLowerCase()
  return candidates
    .filter(({ value }) => value.toLowerCase().startsWith(beginning) && !taken.includes(value))
    .map((candidate) => ({ ...candidate, value: current + candidate.value.slice(current.length) }))
}
