import { resolve } from 'node:path'
import type { Log, OutputPiece, OutputStream, StreamContext } from '../../../core/index.ts'
import type { Source } from './appender.ts'
import { Prefix } from './prefix.ts'
import type { Rotation } from './rotation.ts'
import { type SharedFile, shareFile } from './shared-file.ts'

/** How a stream writes to its file. */
export interface FileWriterOptions {
  readonly filename: string
  /** Before each line there are the time in this format and the process. */
  readonly time_format: string | undefined
  /** That of a new file. */
  readonly mode: number | undefined
}

/** A stream that writes to a file, alone or together with others. */
export class FileWriter implements OutputStream, Source {
  /** What it is in messages. */
  readonly name: string
  readonly log: Log
  readonly path: string
  readonly mode: number | undefined
  readonly prefix: Prefix | undefined
  /** Makes what rotates the file. */
  readonly rotation: ((path: string) => Rotation) | undefined
  /** Whether somebody else moves the file away, which is looked for before each write. */
  readonly watched: boolean
  #abandoned = false
  #file: SharedFile | undefined

  constructor(
    { filename, time_format, mode }: FileWriterOptions,
    { watcher, kind, log }: StreamContext,
    { rotation, watched = false }: { readonly rotation?: (path: string) => Rotation; readonly watched?: boolean } = {},
  ) {
    this.name = `${kind}_stream of ${watcher}`
    this.log = log
    // Relative ones start at the daemon's working directory, as in the original.
    this.path = resolve(filename)
    this.mode = mode
    this.prefix = time_format === undefined ? undefined : new Prefix(time_format)
    this.rotation = rotation
    this.watched = watched
  }

  /** An unfinished line waits for its end where others could write meanwhile. */
  get wholeLines(): boolean {
    return this.#file?.isShared ?? true
  }

  get abandoned(): boolean {
    return this.#abandoned
  }

  /** See to it that the file is there. Resolves to this stream. */
  async open(): Promise<this> {
    this.#file = await shareFile(this)
    return this
  }

  async write(pieces: readonly OutputPiece[]): Promise<void> {
    this.#file ??= await shareFile(this)
    await this.#file.write(this, pieces)
  }

  async reopen(): Promise<void> {
    if (this.#file) await this.#file.reopen()
    else this.#file = await shareFile(this)
  }

  async close(): Promise<void> {
    this.#abandoned = true
    const file = this.#file
    this.#file = undefined
    await file?.remove(this)
  }

  /** The file was opened anew by another of its names: look for the one that has the name of this stream. */
  leave(file: SharedFile): void {
    if (this.#file !== file) return
    this.#file = undefined
    void file.remove(this)
  }
}
