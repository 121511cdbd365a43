import type { OutputPiece } from '../../../core/index.ts'
import { Appender } from './appender.ts'
import type { FileWriter } from './file-writer.ts'
import { type Rotation, Turns } from './rotation.ts'

/** Files by their path, and by what tells one from any other: two names may be of the same. */
const byPath = new Map<string, SharedFile>()
const byIdentity = new Map<string, SharedFile>()

/**
 * The file that a stream writes to, open: that of the others which write there as well, whatever they call it. Rejects
 * when it cannot be opened.
 */
export async function shareFile(writer: FileWriter): Promise<SharedFile> {
  const file = byPath.get(writer.path) ?? new SharedFile(writer.path)
  file.add(writer)
  try {
    await file.open()
  } catch (error) {
    await file.remove(writer)
    throw error
  }
  const same = byIdentity.get(file.identity!)
  if (!same || same === file) return file
  same.add(writer)
  await file.remove(writer)
  return same
}

/** One file, for all streams that write to it: their batches come one after another. */
export class SharedFile {
  readonly path: string
  /** Who writes to it, each with its way to rotate it. */
  readonly #writers = new Map<FileWriter, Rotation | undefined>()
  readonly #turns = new Turns()
  readonly #appender: Appender
  #identity: string | undefined

  constructor(path: string) {
    this.path = path
    this.#appender = new Appender(
      path,
      () => this.#settings(),
      (identity) => this.#onOpened(identity),
    )
    byPath.set(path, this)
  }

  /** Whether several streams write to it. */
  get isShared(): boolean {
    return this.#writers.size > 1
  }

  /** Tells it from any other file, once it was open. */
  get identity(): string | undefined {
    return this.#identity
  }

  /** From now on, `writer` writes to it too. If its way to rotate is another than that of the first, it does not count. */
  add(writer: FileWriter): void {
    const [ruling, ruled] = this.#ruling() ?? []
    const rotation = writer.rotation?.(this.path)
    this.#writers.set(writer, rotation)
    if (!ruling || !ruled || !rotation || ruled.settings === rotation.settings) return
    writer.log.warning(
      `${writer.name} and ${ruling.name} write to one file, ${this.path}, but rotate it in two ways: ` +
        `what counts is ${ruled.settings}, not ${rotation.settings}`,
    )
  }

  /** It writes no more. Resolves when nothing of it is left. */
  async remove(writer: FileWriter): Promise<void> {
    const rotation = this.#writers.get(writer)
    const isLast = this.#writers.size === 1 && this.#writers.has(writer)
    if (isLast) this.#forget()
    await this.#turns.run(async () => {
      if (isLast && !(await this.#appender.finish())) writer.log.error(`${this.path}: the end of a line was lost`)
      if (isLast) this.#appender.close()
      this.#writers.delete(writer)
    })
    await rotation?.end()
  }

  /** See to it that it is open. */
  open(): Promise<void> {
    return this.#turns.run(() => this.#appender.open())
  }

  /** Open it anew: somebody has moved it. */
  reopen(): Promise<void> {
    return this.#turns.run(() => {
      this.#appender.close()
      return this.#appender.open()
    })
  }

  /** Write pieces. Rejects with `NotAllTaken`. */
  write(writer: FileWriter, pieces: readonly OutputPiece[]): Promise<void> {
    return this.#turns.run(() => this.#appender.write(writer, pieces))
  }

  #settings() {
    const writers = [...this.#writers.keys()]
    return {
      mode: writers.find(({ mode }) => mode !== undefined)?.mode,
      rotation: this.#ruling()?.[1],
      watched: writers.some(({ watched }) => watched),
      log: writers[0]!.log,
    }
  }

  /** Whose way to rotate counts: that of the first that has one. */
  #ruling(): [FileWriter, Rotation | undefined] | undefined {
    return [...this.#writers].find(([, rotation]) => rotation)
  }

  #onOpened(identity: string): void {
    if (this.#identity !== undefined && byIdentity.get(this.#identity) === this) byIdentity.delete(this.#identity)
    this.#identity = identity
    if (!byIdentity.has(identity)) byIdentity.set(identity, this)
    // What has another name may be another file now.
    for (const writer of this.#writers.keys()) if (writer.path !== this.path) writer.leave(this)
  }

  #forget(): void {
    if (byPath.get(this.path) === this) byPath.delete(this.path)
    if (this.#identity !== undefined && byIdentity.get(this.#identity) === this) byIdentity.delete(this.#identity)
  }
}
