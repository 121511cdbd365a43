import type { PublishedEvent } from '../../../core/client.ts'
import type { Line, Tail, Wanted, Writer } from './ask.ts'
import type { PrintedLine } from './line-printer.ts'

/** A line that has no end so far is held so long at most, in characters. */
const longestLine = 64 * 1024
/** So many processes are remembered before it is asked for the first time which of them are left. */
const fewProcesses = 1_000

/** A piece of what a process wrote, as it is published. */
export interface Piece {
  readonly watcher: string
  readonly wid: number
  readonly pid: number
  readonly stream: 'stdout' | 'stderr'
  /** How many bytes the process had written with it. */
  readonly sequence: number
  readonly bytes: number
  readonly starts_line: boolean
  /** How many bytes before it the daemon left out. */
  readonly dropped?: number
  readonly data: string
  /** Unix seconds. */
  readonly time: number
}

/** A line that has no end yet. */
interface UnfinishedLine extends PrintedLine {
  /** It was not published yet: it comes once more, with the rest. */
  readonly comesAgain?: boolean
}

/** What is known of one process. */
interface Known {
  readonly watcher: string
  readonly wid: number
  readonly pid: number
  /** When it was started, or seen first: Unix seconds of the daemon. */
  readonly since: number
  /** When it was heard of last. */
  heard: number
  /** What it had written after so many bytes was not shown yet. */
  position: number
  readonly unfinished: Partial<Record<'stdout' | 'stderr', UnfinishedLine>>
  /** Of lines that come again, what was given out. */
  readonly shown: Partial<Record<'stdout' | 'stderr', string>>
}

/** Output that was not seen. */
export interface Gap {
  readonly watcher: string
  readonly wid: number
  readonly pid: number
  readonly bytes: number
}

/** Whom it tells. */
export interface Reader {
  lines(lines: readonly PrintedLine[]): void
  gap(gap: Gap): void
}

/** The payload of an event that tells what a process wrote, if it is one. */
export function pieceOf({ topic, payload }: PublishedEvent): Piece | undefined {
  return topic.startsWith('output.') && typeof payload.data === 'string' ? (payload as unknown as Piece) : undefined
}

/**
 * Makes one text of what a daemon answers and what it publishes: each line once, and where something is missing, how much.
 */
export class Written {
  readonly #known = new Map<string, Known>()
  readonly #wanted: Wanted
  readonly #reader: Reader
  #crowd = fewProcesses

  constructor(wanted: Wanted, reader: Reader) {
    this.#wanted = wanted
    this.#reader = reader
  }

  /** Whether lines are held that have no end yet. */
  get holds(): boolean {
    return [...this.#known.values()].some(({ unfinished }) => unfinished.stdout ?? unfinished.stderr)
  }

  /** Whether so many processes have come and gone that the daemon should be asked which are left. */
  get isCrowded(): boolean {
    return this.#known.size > this.#crowd
  }

  /** Whether a process has written something that was not there before. */
  isNews(writer: Writer): boolean {
    return this.#knownAs(writer)?.position !== writer.sequence
  }

  /** These are all the processes that the daemon knows; the others have gone for good. */
  forgetAllBut(processes: readonly Writer[], time: number): void {
    const left = new Set(processes.map(keyOf))
    for (const [key, known] of this.#known) {
      if (left.has(key) || known.heard >= time) continue
      this.#known.delete(key)
      const lines = Object.values(known.unfinished)
      if (lines.length > 0) this.#reader.lines(lines)
    }
    this.#crowd = 2 * this.#known.size + fewProcesses
  }

  /**
   * What a daemon answered: the lines that were not there before. Of processes that are not known yet, all of them.
   *
   * @param isFirst Then nothing is missing: it is where reading begins.
   */
  answer({ processes, lines, truncated, time }: Tail, isFirst = false): void {
    const fresh: Line[] = []
    const byProcess = Map.groupBy(lines, keyOf)
    for (const writer of processes) {
      const known = this.#knownAs(writer)
      const own = byProcess.get(keyOf(writer)) ?? []
      const position = known?.position ?? (isFirst ? writer.sequence : 0)
      const first =
        truncated && this.#wanted.stream === undefined ? own.find(({ sequence }) => sequence > position) : undefined
      const missing = Math.max(writer.kept_from, first ? beginOf(first) : 0) - position
      // An end of a line may be of two characters.
      if (missing > 1) this.#gap(writer, missing)
      fresh.push(...this.#take(known, writer, own, time))
    }
    if (fresh.length > 0) this.#reader.lines(fresh.sort((a, b) => a.time - b.time))
  }

  /**
   * A piece that was published. `false`: something is missing before it that the daemon may still have; ask it, and then
   * add the piece again.
   *
   * @param final Whatever is missing is not to be had any more.
   */
  add(piece: Piece, final = false): boolean {
    const { pid: only = piece.pid, stream: one = piece.stream } = this.#wanted
    if (piece.pid !== only) return true
    const key = keyOf(piece)
    const begin = piece.sequence - piece.bytes
    let known = this.#known.get(key)
    // Another process that has got the same pid begins from the beginning.
    if (known && piece.sequence <= known.position && piece.time > known.heard) known = undefined
    if (known && piece.sequence <= known.position) return true
    const missing = begin - (known?.position ?? 0)
    if (missing > 0 && piece.dropped === undefined && !final) return false
    if (!known) {
      const { watcher, wid, pid, time } = piece
      known = { watcher, wid, pid, since: time, heard: time, position: begin, unfinished: {}, shown: {} }
      this.#known.set(key, known)
    }
    if (missing > 0) this.#gap(piece, missing)
    known.position = piece.sequence
    known.heard = Math.max(known.heard, piece.time)
    if (piece.stream === one) this.#reader.lines(linesOf(known, piece, missing > 0))
    return true
  }

  /** Give out the lines that have no end, as they are. */
  flush(): void {
    for (const known of this.#known.values()) {
      const lines = Object.values(known.unfinished).filter((line) => !wasShown(known.shown, line))
      for (const { stream, line, comesAgain } of Object.values(known.unfinished))
        if (comesAgain) known.shown[stream] = line
      delete known.unfinished.stdout
      delete known.unfinished.stderr
      if (lines.length > 0) this.#reader.lines(lines)
    }
  }

  /** The same process: it was not started after that one was seen. */
  #knownAs(writer: Writer): Known | undefined {
    const known = this.#known.get(keyOf(writer))
    return known && writer.started <= known.since ? known : undefined
  }

  /** The lines of a process that were not there before. */
  #take(known: Known | undefined, writer: Writer, lines: readonly Line[], time: number): Line[] {
    const { watcher, wid, pid, started, sequence } = writer
    const position = known?.position ?? 0
    const fresh = lines.filter((line) => line.sequence > position || known === undefined)
    const unfinished: Known['unfinished'] = { ...known?.unfinished }
    for (const line of fresh) {
      delete unfinished[line.stream]
      const comesAgain = line.sequence > sequence
      if (line.unfinished && writer.running) unfinished[line.stream] = { ...line, comesAgain }
    }
    const since = known?.since ?? started
    const heard = Math.max(time, known?.heard ?? 0)
    const shown = known?.shown ?? {}
    this.#known.set(keyOf(writer), { watcher, wid, pid, since, heard, position: sequence, unfinished, shown })
    return fresh.filter((line) => (!line.unfinished || !writer.running) && !wasShown(shown, line))
  }

  #gap({ watcher, wid, pid }: Pick<Line, 'watcher' | 'wid' | 'pid'>, bytes: number): void {
    this.#reader.gap({ watcher, wid, pid, bytes })
  }
}

/** How many bytes the process had written before a line, or one less. */
const beginOf = ({ sequence, line }: Line): number => sequence - Buffer.byteLength(line) - 1

/** The lines that a piece completes; what is left of it waits for the next. */
function linesOf({ unfinished, shown }: Known, piece: Piece, hasGap: boolean): PrintedLine[] {
  const { watcher, wid, pid, stream, time, data, starts_line } = piece
  const before = unfinished[stream]
  const lines: PrintedLine[] = before && starts_line && !before.comesAgain ? [before] : []
  const beginning = starts_line ? '' : hasGap ? '…' : (before?.line ?? '')
  const parts = (beginning + data).split('\n')
  const rest = parts.pop()!
  for (const part of parts) lines.push({ watcher, wid, pid, stream, time, line: part.replace(/\r$/, '') })
  delete unfinished[stream]
  const open = { watcher, wid, pid, stream, time, line: rest, unfinished: true } as const
  if (rest.length > longestLine) lines.push(open)
  else if (rest !== '') unfinished[stream] = open
  return lines.filter((line) => !wasShown(shown, line))
}

/** Whether a line has nothing more than what was given out of it before. */
function wasShown(shown: Known['shown'], { stream, line }: Pick<PrintedLine, 'stream' | 'line'>): boolean {
  const before = shown[stream]
  delete shown[stream]
  return before === line
}

const keyOf = ({ watcher, pid }: { readonly watcher: string; readonly pid: number }): string => `${pid} ${watcher}`
