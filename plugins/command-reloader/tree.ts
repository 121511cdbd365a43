import { realpath } from 'node:fs/promises'
import type { FSWatcher } from 'chokidar'
import type { Globs } from './globs.ts'

/** What is told of a tree that is watched. */
interface TreeListener {
  /** A file was changed, added or removed. */
  onChange(path: string): void
  onError(error: Error): void
}

/** Watches the files that globs pick; what is not there yet is waited for. */
export class Tree {
  readonly #globs: Globs
  readonly #listener: TreeListener
  #watcher: FSWatcher | undefined
  /** Where the folders really are: nothing else tells that a link above them leads elsewhere now. */
  #places: readonly (string | null)[] = []
  #isReady = false
  readonly #closed = Promise.withResolvers<void>()
  #isClosed = false

  constructor(globs: Globs, listener: TreeListener) {
    this.#globs = globs
    this.#listener = listener
  }

  /** Resolves when every change is noticed from now on, or when it is closed before. */
  async watch(): Promise<void> {
    const { watch } = await import('chokidar')
    this.#places = await this.#look()
    if (this.#isClosed) return
    const globs = this.#globs
    const watcher = watch(globs.bases, {
      ignoreInitial: true,
      ignorePermissionErrors: true,
      ignored: (path, stats) => {
        if (!stats) return !globs.enters(path) && !globs.picks(path)
        return stats.isDirectory() ? !globs.enters(path) : !globs.picks(path)
      },
    })
    this.#watcher = watcher
    const ready = Promise.withResolvers<void>()
    watcher.on('ready', ready.resolve)
    watcher.on('error', (error) => this.#listener.onError(error as Error))
    watcher.on('all', (event, path) => {
      if (event.endsWith('Dir') || !globs.picks(path)) return
      this.#listener.onChange(path)
    })
    await Promise.race([ready.promise, this.#closed.promise])
    this.#isReady = true
  }

  /** How many folders are watched. */
  get folders(): number {
    return Object.keys(this.#watcher?.getWatched() ?? {}).length
  }

  /** Look whether a link leads elsewhere: then all is watched anew, and that is a change. */
  async check(): Promise<void> {
    if (!this.#isReady) return
    const before = this.#places
    const now = await this.#look()
    const at = now.findIndex((place, index) => place !== null && before[index] !== null && place !== before[index])
    // What has gone may come back where it was, and what was not there is noticed without this.
    this.#places = now.map((place, index) => place ?? before[index] ?? null)
    if (at === -1 || this.#isClosed) return
    this.#isReady = false
    await this.#watcher?.close()
    await this.watch()
    this.#listener.onChange(this.#globs.bases[at]!)
  }

  /** Whether a folder is gone that was there. */
  async isTorn(): Promise<boolean> {
    const places = await this.#look()
    return places.some((place, at) => place === null && this.#places[at] !== null)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#closed.resolve()
    await this.#watcher?.close()
  }

  #look(): Promise<(string | null)[]> {
    return Promise.all(this.#globs.bases.map((base) => realpath(base).catch(() => null)))
  }
}
