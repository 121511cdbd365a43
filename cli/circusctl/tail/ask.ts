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
  /** The daemon's clock, Unix seconds. */
  readonly time: number
}

/** As many lines as a daemon keeps of each process. */
export const allLines = 200

/**
 * Ask a daemon for the last lines. Rejects like `Daemon.call`; a daemon that has no such command says so in words that help.
 *
 * @param patient Names of no watcher are left out: there may be one some day. @default they are an error
 */
export async function askTail(
  daemon: Daemon,
  { names, pid, stream, match }: Wanted,
  lines: number,
  { patient = false } = {},
): Promise<Tail> {
  const ask = async (name?: string): Promise<Tail> => {
    try {
      return (await daemon.call('tail', { name, pid, stream, match, lines })) as unknown as Tail
    } catch (error) {
      if (!(error instanceof ReplyError)) throw error
      if (patient && error.errno === 3) return { watchers: [], processes: [], lines: [], time: 0 }
      throw error.errno === 2 ? new ReplyError({ ...error.reply, reason: noTail }) : error
    }
  }
  if (names.length <= 1) return ask(names[0])
  return together(await Promise.all(names.map(ask)))
}

const noTail =
  'this daemon knows no tail: an original Circus keeps nothing of what processes write. Look at the files of its streams.'

/** Several tails as one; watchers that more than one pattern picks are there once. */
function together(tails: readonly Tail[]): Tail {
  const watchers = new Set<string>()
  const processes: Writer[] = []
  const lines: Line[] = []
  for (const tail of tails) {
    processes.push(...tail.processes.filter(({ watcher }) => !watchers.has(watcher)))
    lines.push(...tail.lines.filter(({ watcher }) => !watchers.has(watcher)))
    for (const watcher of tail.watchers) watchers.add(watcher)
  }
  lines.sort((a, b) => a.time - b.time)
  return { watchers: [...watchers], processes, lines, time: Math.max(...tails.map(({ time }) => time)) }
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
