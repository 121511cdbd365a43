import type { PipeReader, PipeSink } from '../posix/pipes.ts'
import type { Process } from '../process.ts'
import type { OutgoingPiece } from './backlog.ts'
import { LineAssembler, type Lines } from './line-assembler.ts'
import type { Outlet } from './outlet.ts'
import { type RecentLine, RecentOutput } from './recent-output.ts'
import type { OutputKind } from './stream.ts'

/** What a process left unfinished for so long, in milliseconds, is passed on if nobody else could write in between. */
const QUIET_MS = 100

/** Where the output of a process goes. */
export interface OutputRoute {
  /** The name of the watcher. */
  readonly watcher: string
  /** The outlet of a stream as it is now: another one once its options were changed. */
  outlet(kind: OutputKind): Outlet
  /** Whether nobody else writes to that outlet. */
  isAlone(kind: OutputKind): boolean
  /** A piece as it was read, before lines are made of it. */
  onData(process: Process, kind: OutputKind, data: Buffer): void
  /** A piece on its way to the outlet. */
  onPiece(piece: OutgoingPiece, sequence: number): void
  /** Nobody has the pipe open any more. */
  onEnd(source: ProcessOutput): void
}

/** The output of one process: its end, and the two pipes it comes through. */
export class ProcessOutput {
  readonly recent = new RecentOutput()
  readonly process: Process
  readonly #route: OutputRoute
  readonly #pipes = new Map<OutputKind, LineAssembler>()
  #quiet: NodeJS.Timeout | undefined

  constructor(process: Process, route: OutputRoute) {
    this.process = process
    this.#route = route
  }

  /** Whether one of its pipes may still be written to. */
  get isOpen(): boolean {
    return this.#pipes.size > 0
  }

  /** When it wrote last: Unix milliseconds; 0 before it has. */
  get time(): number {
    return [...this.#pipes.values()].some(({ holds }) => holds) ? Date.now() : this.recent.time
  }

  /**
   * The last lines it wrote, the oldest first, and then those that it has not finished. One of these of which nothing was
   * passed on yet has a higher `sequence` than `recent`.
   */
  lines(count = Number.POSITIVE_INFINITY, only?: OutputKind): RecentLine[] {
    const lines = this.recent.lines(count, only)
    for (const [kind, { held }] of this.#pipes) {
      if (held.length === 0 || (only ?? kind) !== kind) continue
      if (lines.some((line) => line.unfinished && line.kind === kind)) continue
      const sequence = this.recent.sequence + held.length
      lines.push({ kind, time: Date.now(), sequence, line: held.toString('utf8'), unfinished: true })
    }
    return count === 0 ? [] : lines.slice(-count)
  }

  /** Where to put what comes through one of its pipes. */
  sink(kind: OutputKind): PipeSink {
    const lines = new LineAssembler((piece) => this.#pass(kind, piece))
    this.#pipes.set(kind, lines)
    return {
      hasRoom: (reader) => this.#hasRoom(kind, reader),
      onData: (data) => {
        this.#route.onData(this.process, kind, data)
        lines.feed(data)
        if (lines.holds) this.#awaitQuiet()
      },
      onEnd: () => {
        lines.flush()
        this.#pipes.delete(kind)
        if (!this.isOpen) clearTimeout(this.#quiet)
        this.#route.onEnd(this)
      },
    }
  }

  /** Pass on what is left unfinished: the process has ended. */
  flush(): void {
    for (const lines of this.#pipes.values()) lines.flush()
  }

  #hasRoom(kind: OutputKind, reader: PipeReader): boolean {
    const outlet = this.#route.outlet(kind)
    if (!outlet.full) return true
    outlet.whenRoom(() => reader.resume())
    return false
  }

  #pass(kind: OutputKind, { data, startsLine, endsLine, release }: Lines): void {
    const { pid, wid } = this.process
    const time = Date.now()
    const sequence = this.recent.add(kind, time, data, startsLine)
    const piece = { data, watcher: this.#route.watcher, wid, pid, kind, time, startsLine, endsLine, release }
    this.#route.onPiece(piece, sequence)
    this.#route.outlet(kind).push(piece)
  }

  #awaitQuiet(): void {
    if (this.#quiet) this.#quiet.refresh()
    else this.#quiet = setTimeout(() => this.#onQuiet(), QUIET_MS).unref()
  }

  #onQuiet(): void {
    for (const [kind, lines] of this.#pipes) {
      if (!this.#route.outlet(kind).wholeLines && this.#route.isAlone(kind)) lines.flushCharacters()
    }
  }
}
