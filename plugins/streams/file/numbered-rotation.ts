import { readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import type { Compression } from './compression.ts'
import { type Rotation, Turns } from './rotation.ts'

export interface NumberedRotationOptions {
  /** A file stays smaller than that, unless a single line is larger. */
  readonly maxBytes: number
  /** So many old files are kept, 1 at least. */
  readonly backupCount: number
  readonly compression: Compression | undefined
}

/** Old files are FILE.1, the newest, to FILE.N; with compression FILE.1.gz and so on. */
export class NumberedRotation implements Rotation {
  readonly settings: string
  readonly #path: string
  readonly #maxBytes: number
  readonly #backupCount: number
  readonly #compression: Compression | undefined
  readonly #turns: Turns
  /** The old ones have made room, but then the file could not be moved. */
  #shifted = false

  constructor(path: string, { maxBytes, backupCount, compression }: NumberedRotationOptions) {
    this.#path = path
    this.#maxBytes = maxBytes
    this.#backupCount = backupCount
    this.#compression = compression
    this.#turns = compression?.turns ?? new Turns()
    this.settings = `max_bytes = ${maxBytes}, backup_count = ${backupCount}${compression ? ', compress = gzip' : ''}`
  }

  begin(): void {
    void this.#compress()
  }

  room(size: number): number {
    return this.#maxBytes - 1 - size
  }

  async rotate(): Promise<void> {
    await this.#turns.run(async () => {
      if (!this.#shifted) await this.#shift()
      this.#shifted = true
      await moveAway(this.#path, `${this.#path}.1`)
      this.#shifted = false
    })
    void this.#compress()
  }

  skip(): void {}

  async end(): Promise<void> {
    await this.#compression?.end()
  }

  /** Make room for FILE.1. What fails half way can be tried again: the highest numbers go first. */
  async #shift(): Promise<void> {
    const folder = dirname(this.#path)
    const names = new Set(await readdir(folder))
    const there = (number: number) =>
      ['', '.gz'].map((ending) => `${this.#path}.${number}${ending}`).filter((path) => names.has(basename(path)))
    const drop = async (number: number) => {
      for (const path of there(number)) {
        this.#compression?.dropped(path)
        await rm(path, { force: true })
      }
    }
    if (this.#backupCount === 1) await drop(1)
    for (let number = this.#backupCount - 1; number > 0; number--) {
      const paths = there(number)
      if (paths.length > 0) await drop(number + 1)
      for (const path of paths) {
        const ending = path.endsWith('.gz') ? '.gz' : ''
        const target = `${this.#path}.${number + 1}${ending}`
        await rename(path, target)
        this.#compression?.moved(path, target)
        names.delete(basename(path))
      }
    }
  }

  async #compress(): Promise<void> {
    await this.#compression?.addWhere((ending) => {
      const [, number] = /^\.([1-9]\d*)$/.exec(ending) ?? []
      return number !== undefined && Number(number) <= this.#backupCount
    })
  }
}

/** Move a file, if it is there: somebody may have been faster. */
export async function moveAway(path: string, target: string): Promise<void> {
  try {
    await rename(path, target)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
