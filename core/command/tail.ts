import { KernelError } from '../errors.ts'
import type { ProcessOutput } from '../output/process-output.ts'
import type { RecentLine } from '../output/recent-output.ts'
import type { OutputKind } from '../output/stream.ts'
import { integer, optional, properties } from '../schema.ts'
import { pauseIfLate } from '../time-slices.ts'
import type { Watcher } from '../watcher.ts'
import { defineCommand } from './command.ts'
import { match, optionalName } from './properties.ts'

/** The most characters of lines in a reply, with what is told of each; the oldest lines are left out. */
const REPLY_CHARACTERS = 1024 * 1024
/** What a line takes beside itself. */
const LINE_CHARACTERS = 128
/** So many lines more than are wanted may come together before those that are too many are left out. */
const SPARE_LINES = 1_000
/** So many lines no reply has. */
const MOST_LINES = REPLY_CHARACTERS / LINE_CHARACTERS + 1
/** Without `lines`. */
const DEFAULT_LINES = 10

/** A line as the reply has it. */
interface TailLine {
  readonly watcher: string
  readonly wid: number
  readonly pid: number
  readonly stream: OutputKind
  /** Unix seconds. */
  readonly time: number
  readonly sequence: number
  readonly line: string
  readonly unfinished?: true
}

const stream = optional({ enum: ['stdout', 'stderr'], description: 'both when left out' }, (value, name) => {
  if (value === 'stdout' || value === 'stderr') return value
  throw new KernelError('ERR_PROPERTY_INVALID', [name, 'stdout or stderr', value])
})

/**
 * `tail`: the last lines that the processes of watchers wrote, those of processes that ended lately included. What it takes
 * to go on from there by the topics `output.…`, without a gap and without a double, is in core/README.md.
 *
 * Reply  `watchers: [name]`, `processes: [{ watcher, wid, pid, started, running, sequence, kept_from }]`,
 *        `lines: [{ watcher, wid, pid, stream, time, sequence, line, unfinished? }]`, `truncated`
 * Errors `ERR_WATCHER_UNKNOWN`, `ERR_PROCESS_UNKNOWN`
 */
export const tail = defineCommand({
  name: 'tail',
  summary: 'Show the last lines that processes wrote.',
  readOnly: true,
  properties: properties({
    name: optionalName,
    match,
    pid: integer('only this process', undefined, 1),
    lines: integer('so many of each watcher, if as many are kept', DEFAULT_LINES, 0),
    stream,
  }),
  async execute({ arbiter }, { name, match, pid, lines: count, stream }) {
    const watchers = name === undefined ? arbiter.watchers : arbiter.match(name, match)
    const processes: object[] = []
    const lines = new LastLines()
    let truncated = false
    for (const watcher of watchers) {
      const last = new LastLines(count)
      // The newest first: of the others, less is needed the more there is.
      for (const source of watcher.output.sources.toSorted((a, b) => b.time - a.time)) {
        if (pid !== undefined && source.process.pid !== pid) continue
        const pause = pauseIfLate()
        if (pause) await pause
        // Both in one go: what is in the lines is just what the sequence counts.
        processes.push(processOf(watcher, source))
        if (source.time / 1000 < Math.max(last.since, lines.since)) continue
        last.add(linesOf(watcher, source, source.lines(Math.min(count, MOST_LINES), stream)))
      }
      lines.add(last.sorted())
      truncated ||= last.truncated
    }
    // One without pipes has written nothing that could be here.
    if (pid !== undefined && processes.length === 0 && !watchers.some(({ pids }) => pids.includes(pid)))
      throw new KernelError('ERR_PROCESS_UNKNOWN', [pid, name ?? 'any watcher'])
    const sorted = lines.sorted()
    truncated ||= lines.truncated
    return { watchers: watchers.map((watcher) => watcher.name), processes, lines: sorted, truncated }
  },
})

function processOf({ name }: Watcher, { process, recent }: ProcessOutput): object {
  const { wid, pid, startedAt, alive } = process
  const { sequence, from } = recent
  return { watcher: name, wid, pid, started: startedAt / 1000, running: alive, sequence, kept_from: from }
}

function linesOf({ name }: Watcher, { process }: ProcessOutput, lines: readonly RecentLine[]): TailLine[] {
  const { wid, pid } = process
  // A clock that was set back does not turn lines of one process round.
  let latest = 0
  return lines.map(({ kind, time, ...line }) => {
    latest = Math.max(latest, time)
    return { watcher: name, wid, pid, stream: kind, time: latest / 1000, ...line }
  })
}

/** The last of many lines, no more than a reply may have. */
class LastLines {
  /** Whether some were left out because there were too many characters. */
  truncated = false
  /** Lines that are older, by their `time`, are of no use. */
  since = 0
  readonly #count: number
  #lines: TailLine[] = []
  #characters = 0

  constructor(count = Number.POSITIVE_INFINITY) {
    this.#count = count
  }

  add(lines: readonly TailLine[]): void {
    for (const line of lines) {
      this.#lines.push(line)
      this.#characters += line.line.length + LINE_CHARACTERS
    }
    if (this.#characters > REPLY_CHARACTERS || this.#lines.length > this.#count + SPARE_LINES) this.#shorten()
  }

  /** By time; those of one process in their order. */
  sorted(): TailLine[] {
    this.#shorten()
    return this.#lines
  }

  #shorten(): void {
    this.#lines.sort((a, b) => a.time - b.time)
    const before = this.#lines.length
    if (before > this.#count) this.#lines = this.#lines.slice(before - this.#count)
    let first = this.#lines.length
    this.#characters = 0
    for (; first > 0 && this.#characters < REPLY_CHARACTERS; first--) {
      this.#characters += this.#lines[first - 1]!.line.length + LINE_CHARACTERS
    }
    this.truncated ||= first > 0
    this.#lines = this.#lines.slice(first)
    if (this.#lines.length < before) this.since = this.#lines[0]?.time ?? Number.POSITIVE_INFINITY
  }
}
