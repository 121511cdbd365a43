import type { Log } from '../log.ts'
import type { Parsed, Schema } from '../schema.ts'

/** One of the two streams a process writes. */
export type OutputKind = 'stdout' | 'stderr'

/**
 * A piece of what a process wrote: one or more whole lines, each with its line end. Only where a line is longer than
 * 64 KiB, or has no end (`endsLine` false), is it less.
 */
export interface OutputPiece {
  /** The bytes as they were written. Valid until what `write` returned has settled: copy what you keep longer. */
  readonly data: Buffer
  /** The watcher's name. */
  readonly watcher: string
  readonly wid: number
  readonly pid: number
  readonly kind: OutputKind
  /** When it was read: Unix milliseconds. */
  readonly time: number
  /** Whether `data` begins a line; false where it goes on with one of the piece before, of the same process. */
  readonly startsLine: boolean
  /** Whether `data` ends with a line end. */
  readonly endsLine: boolean
  /** Set when these are words of the daemon itself, about output that was lost here. */
  readonly notice?: true
}

/**
 * Where output goes: made by a stream class for one stream of one watcher. The daemon calls one function at a time and
 * waits for what it returns, holds back what comes meanwhile, and lets the processes wait when that is too much.
 */
export interface OutputStream {
  /**
   * Only whole lines are of use here: one that is not finished waits until it is, or is longer than 64 KiB, or its process
   * has ended. Otherwise what a process leaves unfinished for a moment comes as it is, if no other process is about.
   */
  readonly wholeLines?: boolean
  /**
   * Take pieces, all of them, in their order; resolve when they are where they belong. Throw or reject when that is not
   * possible now: the pieces come again after a while, together with what came meanwhile as far as it is kept (1 MiB;
   * the oldest is dropped, and a piece with `notice` says how much). If a part of them was taken, throw `NotAllTaken`.
   */
  write(pieces: readonly OutputPiece[]): void | Promise<void>
  /** Open files anew: somebody has moved them away. */
  reopen?(): void | Promise<void>
  /** Nothing comes any more: let go of everything. */
  close?(): void | Promise<void>
}

/** Thrown by `write` when it could take a part of the pieces only. */
export class NotAllTaken extends Error {
  /** How many bytes of all the pieces' `data`, one after another, were taken. */
  readonly takenBytes: number

  constructor(takenBytes: number, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    this.takenBytes = takenBytes
  }
}

/** What a stream is made for. */
export interface StreamContext {
  /** The watcher's name. */
  readonly watcher: string
  readonly kind: OutputKind
  /** Relative paths in options are meant from here: the folder of the configuration file. */
  readonly folder: string
  readonly log: Log
}

/** A stream class: what `stdout_stream.class` and `stderr_stream.class` name. */
export interface StreamClass<Options = unknown> {
  readonly name: string
  /** One line on what it does. */
  readonly summary?: string
  /** Checks the options (`stdout_stream.NAME`, without `class`), which are text. Without it, it takes any. */
  readonly options?: Schema<Options>
  /** Make a stream. It is called before anything is written, and again after each change of the options. */
  create(options: Options, context: StreamContext): OutputStream | Promise<OutputStream>
}

/**
 * Declare a stream class: what a plugin gives to `circus.stream`, or what a module exports for `class = MODULE:NAME`.
 * Types `create` by the schema of `options`; without one, the options come as the texts they are.
 */
export function defineStream<S extends Schema = Schema<Readonly<Record<string, string>>>>(
  definition: Omit<StreamClass<Parsed<S>>, 'options'> & { readonly options?: S },
): StreamClass<Parsed<S>> {
  return definition as StreamClass<Parsed<S>>
}
