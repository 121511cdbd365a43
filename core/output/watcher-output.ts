import { KernelError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { PipeSink } from '../posix/pipes.ts'
import type { Process } from '../process.ts'
import type { WatcherContext } from '../process-pool.ts'
import type { Watcher } from '../watcher.ts'
import { type OutgoingPiece, Outlet } from './outlet.ts'
import { ownStream } from './own-stream.ts'
import { type OutputRoute, ProcessOutput } from './process-output.ts'
import type { OutputKind } from './stream.ts'
import type { StreamOptions } from './stream-classes.ts'

/** Of so many processes that have ended, what they wrote last is kept. */
const KEPT_ENDED = 5

const kinds = ['stdout', 'stderr'] as const

/** The output of a watcher's processes: where it goes, and the end of it. */
export class WatcherOutput implements OutputRoute {
  readonly watcher: string
  readonly #watcher: Watcher
  readonly #context: WatcherContext
  readonly #log: Log
  readonly #outlets: Record<OutputKind, Outlet>
  readonly #sources = new Map<number, ProcessOutput>()
  /** What was written by those that have ended, the oldest first. */
  #ended: ProcessOutput[] = []
  /** Outlets that were replaced and have something left to write. */
  readonly #closing = new Set<Promise<void>>()

  constructor(watcher: Watcher, context: WatcherContext, log: Log) {
    this.watcher = watcher.name
    this.#watcher = watcher
    this.#context = context
    this.#log = log
    this.#outlets = { stdout: this.#open('stdout'), stderr: this.#open('stderr') }
  }

  /** What the processes that run, and a few that have ended before, wrote last; the oldest process first. */
  get sources(): readonly ProcessOutput[] {
    return [...this.#ended, ...this.#sources.values()]
  }

  /** The output of a process that runs, or has ended lately. */
  source(pid: number): ProcessOutput | undefined {
    return this.#sources.get(pid) ?? this.#ended.findLast(({ process }) => process.pid === pid)
  }

  /** Where to put what a process writes. */
  sink(process: Process, kind: OutputKind): PipeSink {
    let source = this.#sources.get(process.pid)
    if (source?.process !== process) {
      source = new ProcessOutput(process, this)
      this.#sources.set(process.pid, source)
    }
    this.#outlets[kind].open()
    return source.sink(kind)
  }

  /** A process has ended, and all it wrote was read. */
  exited(process: Process): void {
    const source = this.#sources.get(process.pid)
    if (source?.process !== process) return
    source.flush()
    this.#sources.delete(process.pid)
    this.#ended.push(source)
    if (this.#ended.length > KEPT_ENDED) this.#ended.shift()
  }

  /** Options have changed: `stdout_stream.filename` … */
  follow(changed: readonly string[]): void {
    for (const kind of kinds) {
      if (!changed.some((name) => name.startsWith(`${kind}_stream`))) continue
      this.#close(this.#outlets[kind])
      this.#outlets[kind] = this.#open(kind)
    }
  }

  /** Have the streams open their files anew. */
  reopen(): void {
    for (const kind of kinds) this.#outlets[kind].reopen()
  }

  /** Write what is left, for a few seconds at most, and let go of the streams. */
  async close(): Promise<void> {
    for (const kind of kinds) this.#close(this.#outlets[kind])
    await Promise.all(this.#closing)
  }

  outlet(kind: OutputKind): Outlet {
    return this.#outlets[kind]
  }

  isAlone(): boolean {
    return this.#sources.size === 1
  }

  onData(process: Process, kind: OutputKind, data: Buffer): void {
    const { output } = this.#context.hooks
    if (output.isUsed()) output.call({ watcher: this.#watcher, process, stream: kind, data })
  }

  onPiece(piece: OutgoingPiece, sequence: number): void {
    this.#context.onOutput(piece, sequence)
  }

  onEnd(): void {}

  #open(kind: OutputKind): Outlet {
    const { events, streams, log } = this.#context
    const { name } = this.#watcher
    const option = `${kind}_stream` as const
    const context = { watcher: name, kind, folder: streams.folder, log: this.#log }
    return new Outlet({
      name: `${option} of ${name}`,
      log,
      open: async () => {
        const options = this.#watcher.options[option]
        if (Object.keys(options).length === 0) return ownStream(kind === 'stdout' ? 1 : 2)
        return (await this.#prepare(option, options))(context)
      },
      notice: (text) => ({
        data: Buffer.from(`circusd: ${text}\n`),
        watcher: name,
        wid: 0,
        pid: process.pid,
        kind,
        time: Date.now(),
        startsLine: true,
        endsLine: true,
        notice: true,
      }),
      onFailure: (error) => events.publish(name, 'output_failed', { stream: kind, error }),
      onRecovery: (lost) =>
        events.publish(name, 'output_resumed', { stream: kind, lost_bytes: lost.bytes, lost_lines: lost.lines }),
    })
  }

  /** As `prepare` of the classes, but for options that are wrong, which are told and do without. */
  async #prepare(option: 'stdout_stream' | 'stderr_stream', options: StreamOptions) {
    try {
      return await this.#context.streams.prepare(option, options)
    } catch (error) {
      if (!(error instanceof KernelError && error.code === 'ERR_STREAM_INVALID')) throw error
      this.#context.log.error(`${this.watcher}: ${error.message}; its output goes to the daemon's own`)
      return () => ownStream(option === 'stdout_stream' ? 1 : 2)
    }
  }

  #close(outlet: Outlet): void {
    const closed = outlet.close().finally(() => this.#closing.delete(closed))
    this.#closing.add(closed)
  }
}
