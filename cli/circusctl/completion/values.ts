import { constants } from 'node:os'
import type { ControlCommand } from '../command.ts'

/** One way to go on. */
export interface Candidate {
  readonly value: string
  /** What the word means; shells that show such things do. */
  readonly description?: string
}

/** What a word may become: `files` leaves it to the shell to name some. */
export type Completion = readonly Candidate[] | 'files'

/** What there is to complete with. Each is asked for when it is needed, and fails with nothing. */
export interface Knowledge {
  /** Every command that may be typed, those of plugins included. */
  commands(): Promise<readonly ControlCommand[]>
  /** One of them by its name. */
  command(name: string): Promise<ControlCommand | undefined>
  /** The watchers' names, and the state of each. */
  watchers(): Promise<Readonly<Record<string, string>>>
  /** The pids of a watcher's processes. */
  pids(watcher: string): Promise<readonly number[]>
  /** A watcher's options. */
  options(watcher: string): Promise<Readonly<Record<string, unknown>>>
  /** The daemon's own options. */
  globalOptions(): Promise<Readonly<Record<string, unknown>>>
}

/** A place on a command line that takes a value. */
export interface Place {
  readonly command: ControlCommand | undefined
  /** The positional arguments before it. */
  readonly positionals: readonly string[]
  /** The name of the argument or flag: what it is called says what it takes. */
  readonly argument: string
  /** The value as far as it is typed. */
  readonly current: string
}

/** What can stand at a place. */
export async function valuesOf(place: Place, knowledge: Knowledge): Promise<Completion> {
  const { command, positionals, argument, current } = place
  const [watcher = ''] = positionals
  const source = Object.hasOwn(sources, argument) ? sources[argument] : undefined
  // A new watcher has a name of its own.
  if (source === undefined || (command?.name === 'add' && argument === 'name')) return []
  // `signal NAME [PID] [CHILDPID] SIGNUM`: where pids may stand, and where a key or its value, only the words before tell.
  if (command?.name === 'signal' && argument === 'signum' && positionals.length < 3) {
    return [...(await pids(watcher, knowledge)), ...signals(watcher, knowledge, current)]
  }
  if (command?.name === 'set' && positionals.length > 0) {
    return positionals.length % 2 === 1
      ? options(watcher, knowledge)
      : booleans((await knowledge.options(watcher))[positionals.at(-1) as string])
  }
  return source(watcher, knowledge, current)
}

type Source = (watcher: string, knowledge: Knowledge, current: string) => Promise<Completion> | Completion

const sources: Readonly<Record<string, Source>> = {
  name: watchers,
  watcher: watchers,
  pid: pids,
  childpid: pids,
  process: pids,
  signum: signals,
  signal: signals,
  key: options,
  value: options,
  option: async (_, knowledge) => candidates(Object.keys(await knowledge.globalOptions())),
  topic: async (_, knowledge) => candidates(Object.keys(await knowledge.watchers()).map(topic)),
  command: async (_, knowledge) =>
    (await knowledge.commands()).map(({ name, summary }) => ({ value: name, description: summary })),
  shell: () => candidates(['bash', 'zsh', 'fish']),
  file: () => 'files',
}

async function watchers(_: string, knowledge: Knowledge): Promise<Completion> {
  return Object.entries(await knowledge.watchers())
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, state]) => ({ value: name, description: state }))
}

async function pids(watcher: string, knowledge: Knowledge): Promise<readonly Candidate[]> {
  return candidates((await knowledge.pids(watcher)).map(String))
}

async function options(watcher: string, knowledge: Knowledge): Promise<Completion> {
  return candidates(Object.keys(await knowledge.options(watcher)))
}

/** `TERM`, or `SIGTERM` when that is how it begins. */
function signals(_: string, __: Knowledge, current: string): readonly Candidate[] {
  const prefix = /^sig/i.test(current) ? 'SIG' : ''
  return candidates(Object.keys(constants.signals).map((name) => name.replace(/^SIG/, prefix)))
}

function booleans(value: unknown): Completion {
  return typeof value === 'boolean' ? candidates(['true', 'false']) : []
}

/** As the daemon writes it in topics. */
const topic = (watcher: string) => `watcher.${watcher.toLowerCase().replaceAll(' ', '_')}.`

const candidates = (values: readonly string[]) => values.map((value) => ({ value }))
