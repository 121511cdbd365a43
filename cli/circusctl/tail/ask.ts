import { ReplyError } from '../../../core/client.ts'
import type { Daemon } from '../daemon.ts'

/** Which lines are wanted. */
export interface Wanted {
  /** Names of watchers, or patterns; none: all watchers. */
  readonly names: readonly string[]
  /** Of each watcher, at the beginning. */
  readonly lines: number
  readonly pid: number | undefined
  readonly stream: 'stdout' | 'stderr' | undefined
  /** How names are meant. */
  readonly match: string | undefined
}

/** A line that a process wrote. */
export interface Line {
  readonly watcher: string
  readonly wid: number
  readonly pid: number
  readonly stream: 'stdout' | 'stderr'
  /** Unix seconds. */
  readonly time: number
  /** How many bytes the process had written with it. */
  readonly sequence: number
  readonly line: string
  /** It has no end yet. */
  readonly unfinished?: true
}

/** A process that has written, or may. */
export interface Writer {
  readonly watcher: string
  readonly wid: number
  readonly pid: number
  /** Unix seconds. */
  readonly started: number
  readonly running: boolean
  /** How many bytes it has written. */
  readonly sequence: number
  /** What it wrote after so many bytes is kept, all of it. */
  readonly kept_from: number
}

/** What a daemon has of what is wanted. */
export interface Tail {
  readonly watchers: readonly string[]
  readonly processes: readonly Writer[]
  /** By time. */
  readonly lines: readonly Line[]
  /** Whether older lines were left out because there were too many. */
  readonly truncated: boolean
  /** The daemon's clock, Unix seconds. */
  readonly time: number
}

/** More lines than a daemon keeps of a process. */
const allLines = 1_000_000

/**
 * Ask a daemon for the last lines. Rejects like `Daemon.call`; a daemon that has no such command says so in words that help.
 *
 * @param patient What picks no watcher is left out, for there may be one some day: patterns, or names as well. @default no:
 * it is an error
 */
export async function askTail(
  daemon: Daemon,
  { names, pid, stream, match }: Wanted,
  lines: number,
  patient: 'no' | 'patterns' | 'all' = 'no',
): Promise<Tail> {
  const ask = async (name?: string): Promise<Tail> => {
    try {
      return (await daemon.call('tail', { name, pid, stream, match, lines })) as unknown as Tail
    } catch (error) {
      if (!(error instanceof ReplyError)) throw error
      const mayCome = patient === 'all' || (patient === 'patterns' && name !== undefined && isPattern(name, match))
      if (mayCome && /^ERR_(WATCHER|PROCESS)_UNKNOWN$/.test(error.code ?? '')) return nothing
      throw error.errno === 2 ? new ReplyError({ ...error.reply, reason: noTail }) : error
    }
  }
  if (names.length <= 1) return ask(names[0])
  return merged(await Promise.all(names.map(ask)))
}

/** Ask a daemon for all the lines it has of one process. Rejects like `Daemon.call`. */
export async function askProcess(
  daemon: Daemon,
  { watcher, pid }: Pick<Writer, 'watcher' | 'pid'>,
  stream: Wanted['stream'],
): Promise<Tail> {
  const one = { names: [watcher], match: 'simple', pid, stream, lines: allLines }
  return askTail(daemon, one, allLines, 'all')
}

const nothing: Tail = { watchers: [], processes: [], lines: [], truncated: false, time: 0 }

const noTail =
  'this daemon knows no tail: an original Circus keeps nothing of what processes write. Look at the files of its streams.'

/** Whether a name may pick several watchers, some of them later. */
export const isPattern = (name: string, match: string | undefined): boolean =>
  match === 'regex' || (match !== 'simple' && /[*?[\\{!]/.test(name))

/** Several tails as one; watchers that more than one pattern picks are there once. */
export function merged(tails: readonly Tail[]): Tail {
  const watchers = new Set<string>()
  const processes: Writer[] = []
  const lines: Line[] = []
  for (const tail of tails) {
    processes.push(...tail.processes.filter(({ watcher }) => !watchers.has(watcher)))
    lines.push(...tail.lines.filter(({ watcher }) => !watchers.has(watcher)))
    for (const watcher of tail.watchers) watchers.add(watcher)
  }
  lines.sort((a, b) => a.time - b.time)
  const truncated = tails.some((tail) => tail.truncated)
  return { watchers: [...watchers], processes, lines, truncated, time: Math.max(...tails.map(({ time }) => time)) }
}

/** The beginnings of topics that tell of what the wanted watchers write; perhaps of others, too. */
export function topicsOf({ names, pid, match }: Wanted): string[] {
  const ended = pid === undefined ? [] : ['watcher.']
  if (names.length === 0 || match === 'regex') return ['output.', ...ended]
  return [...names.map((name) => topicOf(name, match)), ...ended]
}

function topicOf(name: string, match: string | undefined): string {
  const literal = match === 'simple' ? name : (/^[^*?[\\{!]*/.exec(name)?.[0] ?? '')
  const beginning = `output.${literal.toLowerCase().replaceAll(' ', '_')}`
  return literal === name ? `${beginning}.` : beginning
}
