import { reasonOf } from '../errors.ts'
import type { Log } from '../log.ts'
import type { PipeSink } from '../posix/pipes.ts'
import type { Process } from '../process.ts'
import type { WatcherContext } from '../process-pool.ts'
import type { Watcher } from '../watcher.ts'
import type { OutgoingPiece } from './backlog.ts'
import { Outlet } from './outlet.ts'
import { ownStream } from './own-stream.ts'
import { type OutputRoute, ProcessOutput } from './process-output.ts'
import type { OutputKind, OutputStream } from './stream.ts'
import type { MakeStream, StreamOption } from './stream-classes.ts'
import { placed } from './stream-problems.ts'

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
  #whenEnded: PromiseWithResolvers<void> | undefined
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

  /**
   * The stream that output goes to now, made if it is not there yet; another one takes its place once the options have
   * changed. Rejects when it is closed before it could be made.
   */
  stream(kind: OutputKind): Promise<OutputStream> {
    return this.#outlets[kind].open()
  }

  /** The output of a process that runs, or has ended lately. */
  source(pid: number): ProcessOutput | undefined {
    return this.#sources.get(pid) ?? this.#ended.findLast(({ process }) => process.pid === pid)
  }

  /** Settles when none of the processes it has now lives, and nobody has their pipes any more. */
  get ended(): Promise<void> {
    this.#whenEnded ??= Promise.withResolvers()
    this.#tellEnd()
    return this.#whenEnded.promise
  }

  /** Where to put what a process writes. */
  sink(process: Process, kind: OutputKind): PipeSink {
    let source = this.#sources.get(process.pid)
    if (source?.process !== process) {
      source = new ProcessOutput(process, this)
      this.#sources.set(process.pid, source)
    }
    void this.#outlets[kind].open()
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
    this.#tellEnd()
  }

  /** Options have changed: `stdout_stream.filename` … */
  follow(changed: readonly string[]): void {
    for (const kind of kinds) {
      if (!changed.some((name) => name.startsWith(`${kind}_stream`))) continue
      const old = this.#outlets[kind]
      const closed = Promise.withResolvers<void>()
      const next = this.#open(kind, closed.promise)
      this.#outlets[kind] = next
      this.#close(old, next).finally(closed.resolve)
      // Whoever has named a file wants to know at once that it cannot be opened.
      if (this.#sources.size > 0) void next.open()
    }
  }

  /** Have the streams open their files anew. Resolves to why some of them could not in time, each in words. */
  async reopen(patienceMs: number): Promise<string[]> {
    const attempts = kinds.map(async (kind) => {
      const outlet = this.#outlets[kind]
      const late = Promise.withResolvers<never>()
      const timer = setTimeout(() => late.reject(new Error(`not within ${patienceMs / 1000} s`)), patienceMs)
      try {
        await Promise.race([outlet.reopen(), late.promise])
        return []
      } catch (error) {
        return [`${outlet.name}: ${reasonOf(error)}`]
      } finally {
        clearTimeout(timer)
      }
    })
    return (await Promise.all(attempts)).flat()
  }

  /** Write what is left, for a few seconds at most, and let go of the streams. */
  async close(): Promise<void> {
    for (const kind of kinds) void this.#close(this.#outlets[kind])
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

  onEnd(): void {
    this.#tellEnd()
  }

  #tellEnd(): void {
    if (this.#sources.size === 0 && !this.#ended.some(({ isOpen }) => isOpen)) this.#whenEnded?.resolve()
  }

  /** @param before Settles when the stream before it has written all it had. */
  #open(kind: OutputKind, before?: Promise<void>): Outlet {
    const { events, streams, log } = this.#context
    const { name } = this.#watcher
    const option = `${kind}_stream` as const
    const make = this.#prepare(option)
    const context = { watcher: name, kind, folder: streams.folder, log: this.#log }
    return new Outlet({
      name: `${option} of ${name}`,
      log,
      open: async () => {
        await before
        return (await make)(context)
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

  /** What makes the stream of the options as they are now. Options that are wrong are told, and do without: never rejects. */
  async #prepare(option: StreamOption): Promise<MakeStream> {
    const own = () => ownStream(option === 'stdout_stream' ? 1 : 2)
    const { config } = this.#watcher
    if (Object.keys(config.options[option]).length === 0) return own
    const { log, streams } = this.#context
    const { make, problems } = await streams.examine(option, config.options[option])
    for (const problem of problems) {
      const { file, line, message, ignored } = placed(config, option, problem)
      const words = `${line > 0 ? `${file}:${line}: ` : ''}${message}`
      if (ignored) log.warning(words)
      else log.error(`${words}; until that is mended, it goes where the daemon's own output goes`)
    }
    return make ?? own
  }

  #close(outlet: Outlet, heir?: Outlet): Promise<void> {
    const closed = outlet.close(heir).finally(() => this.#closing.delete(closed))
    this.#closing.add(closed)
    return closed
  }
}
