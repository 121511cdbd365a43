import { readdir, rm } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import type { Log } from '../../../core/index.ts'
import { type TimeFormat, timeFormat } from '../strftime.ts'
import type { Compression } from './compression.ts'
import { moveAway } from './numbered-rotation.ts'
import { type Rotation, Turns } from './rotation.ts'
import { type Timetable, timetable, type When } from './timetable.ts'

export interface DatedRotationOptions {
  readonly when: When
  readonly interval: number
  readonly utc: boolean
  /** So many old files are kept; 0: all. */
  readonly backupCount: number
  readonly compression: Compression | undefined
  readonly log: Log
}

/** Old files are called after the moment at which they were begun: FILE.20261123. */
export class DatedRotation implements Rotation {
  readonly settings: string
  readonly #path: string
  readonly #timetable: Timetable
  readonly #ending: TimeFormat
  readonly #options: DatedRotationOptions
  readonly #turns: Turns
  #next = Number.POSITIVE_INFINITY

  constructor(path: string, options: DatedRotationOptions) {
    const { when, interval, utc, backupCount, compression } = options
    this.#path = path
    this.#options = options
    this.#timetable = timetable(when, interval, utc)
    this.#ending = timeFormat(this.#timetable.ending, { utc })
    this.#turns = compression?.turns ?? new Turns()
    this.settings =
      `rotate_when = ${when}, rotate_interval = ${interval}, utc = ${utc}, backup_count = ${backupCount}` +
      `${compression ? ', compress = gzip' : ''}`
  }

  begin(mtimeMs: number): void {
    this.#next = this.#timetable.next(mtimeMs)
    void this.#compress()
  }

  room(_size: number, time: number): number {
    return time < this.#next ? Number.POSITIVE_INFINITY : 0
  }

  async rotate(time: number): Promise<void> {
    await this.#turns.run(async () => {
      const ending = this.#ending(this.#timetable.beginning(this.#next))
      const old = await this.#old()
      const taken = old.filter((file) => file.stamp === ending).map((file) => file.number)
      // An hour comes twice when summer time ends: what was written in the first is kept.
      const number = taken.length > 0 ? `.${Math.max(...taken) + 1}` : ''
      await moveAway(this.#path, `${this.#path}.${ending}${number}`)
      this.skip(time)
      await this.#dropOldest()
    })
    void this.#compress()
  }

  skip(time: number): void {
    this.#next = this.#timetable.next(time)
  }

  async end(): Promise<void> {
    await this.#options.compression?.end()
  }

  async #dropOldest(): Promise<void> {
    const { backupCount, compression, log } = this.#options
    if (backupCount === 0) return
    try {
      const old = await this.#old()
      const kept = [...new Set(old.map(({ stamp, number }) => `${stamp}.${number}`))].slice(-backupCount)
      for (const { path, stamp, number } of old) {
        if (kept.includes(`${stamp}.${number}`)) continue
        compression?.dropped(path)
        await rm(path, { force: true })
      }
    } catch (error) {
      log.warning(`old files of ${this.#path} are not deleted: ${(error as Error).message}`)
    }
  }

  /** The old files that are there, the oldest first. */
  async #old(): Promise<{ readonly path: string; readonly stamp: string; readonly number: number }[]> {
    const prefix = basename(this.#path)
    const pattern = new RegExp(`^\\.(\\d{${this.#timetable.digits}})(?:\\.(\\d+))?(?:\\.gz)?$`)
    const names = await readdir(dirname(this.#path))
    const old = names.flatMap((name) => {
      const match = name.startsWith(prefix) ? pattern.exec(name.slice(prefix.length)) : null
      if (!match) return []
      const [ending, stamp, number] = match
      return [{ path: this.#path + ending, stamp: stamp!, number: Number(number ?? 0) }]
    })
    return old.sort((a, b) => Number(a.stamp) - Number(b.stamp) || a.number - b.number)
  }

  async #compress(): Promise<void> {
    const pattern = new RegExp(`^\\.\\d{${this.#timetable.digits}}(\\.\\d+)?$`)
    await this.#options.compression?.addWhere((ending) => pattern.test(ending))
  }
}
