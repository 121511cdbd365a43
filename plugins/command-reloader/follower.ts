import { stat } from 'node:fs/promises'
import { relative } from 'node:path'
import type { Circus } from '../../core/plugin.ts'
import { type Command, commandOf } from './command.ts'
import { type CommandFile, filesOf } from './files.ts'
import { Globs, splitGlobs } from './globs.ts'
import type { Settings } from './options.ts'
import { Tree } from './tree.ts'

/** So many changed files are kept in mind at most; the others are only counted. */
const MAX_NOTED = 1000
/** Seconds between two looks whether what is under way, or not there, has come to an end. */
const PATIENCE = 0.25
/** Milliseconds of changes without a pause after which that is told. */
const RESTLESS_MS = 30_000

/** One watcher whose files are followed. */
export class Follower {
  readonly #circus: Circus
  readonly #name: string
  readonly #readSettings: () => Promise<Settings>
  #settings: Settings | undefined
  #command: Command = { lines: [], path: [], folder: '/' }
  #commandKey = ''
  /** As they were when they were last seen. */
  #files: readonly CommandFile[] = []
  #tree: Tree | undefined
  #treeKey = ''
  /** Files that changed, and of which nothing has come yet. */
  readonly #noted = new Set<string>()
  #notedMore = 0
  #notedSince = 0
  #isRestless = false
  #cancel: (() => void) | undefined
  #isBusy = false
  #isLooking = false
  #isStale = false
  #configured: Promise<void> = Promise.resolve()
  #ended = false

  constructor(circus: Circus, name: string, readSettings: () => Promise<Settings>) {
    this.#circus = circus
    this.#name = name
    this.#readSettings = readSettings
  }

  /** Read the options of the watcher, again if they were. Never rejects. */
  configure(): Promise<void> {
    if (this.#isStale) return this.#configured
    this.#isStale = true
    this.#configured = this.#configured
      .then(() => {
        this.#isStale = false
        return this.#configure()
      })
      .catch((error: Error) => this.#tellUnlessGone(error))
    return this.#configured
  }

  /** Look at the files of the command. Never rejects. */
  async look(): Promise<void> {
    if (this.#isLooking || this.#ended || !this.#settings?.active) return
    this.#isLooking = true
    try {
      const command = this.#command
      const files = await filesOf(command)
      if (command !== this.#command) return
      for (const path of this.#changed(files)) this.#note(path)
      await this.#tree?.check()
    } catch (error) {
      this.#circus.log.warning(`${this.#name}: ${(error as Error).message}`)
    } finally {
      this.#isLooking = false
    }
  }

  /** Nothing is followed any more. */
  async end(): Promise<void> {
    this.#ended = true
    this.#cancel?.()
    this.#noted.clear()
    await this.#tree?.close()
    await this.#configured
    await this.#tree?.close()
  }

  async #configure(): Promise<void> {
    if (this.#ended) return
    const { options } = await this.#circus.call<{ options: Record<string, unknown> }>('options', { name: this.#name })
    const settings = await this.#readSettings()
    const command = commandOf(options)
    const commandKey = JSON.stringify([command, settings.active])
    const treeKey = JSON.stringify([command.folder, settings.watch, settings.ignore, settings.active])
    const isNew = commandKey !== this.#commandKey || treeKey !== this.#treeKey
    const old = this.#tree
    this.#settings = settings
    if (commandKey !== this.#commandKey) {
      this.#commandKey = commandKey
      // The daemon itself replaces the processes when it is told another command.
      const files = await filesOf(command)
      // Both at once: a look in between would take the files of one command for those of the other.
      this.#command = command
      this.#files = files
    }
    if (treeKey !== this.#treeKey) {
      this.#treeKey = treeKey
      await this.#plant(settings, command.folder)
    }
    if (!settings.active) this.#noted.clear()
    else if (isNew) void this.#begin(this.#tree === old)
  }

  async #plant({ watch, ignore, active }: Settings, folder: string): Promise<void> {
    const old = this.#tree
    this.#tree = undefined
    await old?.close()
    if (!active || splitGlobs(watch).length === 0) return
    let complained = false
    const tree = new Tree(await Globs.read(folder, watch, ignore), {
      onChange: (path) => this.#note(path),
      onError: (error) => {
        if (!complained) this.#circus.log.error(`${this.#name}: not all of its files can be watched: ${error.message}`)
        complained = true
      },
    })
    this.#tree = tree
  }

  /** A large tree takes its time; other changes of options do not wait for it. Never rejects. */
  async #begin(isWatched: boolean): Promise<void> {
    const tree = this.#tree
    try {
      if (!isWatched) await tree?.watch()
      if (tree === this.#tree && !this.#ended) this.#circus.log.info(this.#plan(this.#settings!))
    } catch (error) {
      this.#circus.log.error(`${this.#name}: its files cannot be watched: ${(error as Error).message}`)
    }
  }

  #plan({ watch }: Settings): string {
    const followed = this.#files
      .filter(({ identity, isOptional }) => identity !== null || !isOptional)
      .map(({ path, identity }) => `${path}${identity === null ? ' (not there yet)' : ''}`)
    const globs = this.#tree ? `watches ${splitGlobs(watch).join(', ')} in ${this.#command.folder}` : ''
    const files = followed.length > 0 ? `follows ${followed.join(', ')}` : ''
    return `${this.#name}: ${[files, globs].filter(Boolean).join('; ') || 'its command names no file to follow'}`
  }

  /** Which of the command's files are not what they were; one that is not there is waited for. */
  #changed(files: readonly CommandFile[]): string[] {
    const before = this.#files
    this.#files = files.map((file, at) => (file.identity === null ? (before[at] ?? file) : file))
    return this.#files.filter(({ identity }, at) => identity !== before[at]?.identity).map(({ path }) => path)
  }

  #note(path: string): void {
    if (this.#ended || !this.#settings?.active) return
    const now = performance.now()
    if (this.#noted.size === 0) {
      this.#notedMore = 0
      this.#notedSince = now
      this.#isRestless = false
    }
    if (this.#noted.size < MAX_NOTED) this.#noted.add(path)
    else if (!this.#noted.has(path)) this.#notedMore++
    if (!this.#isRestless && now - this.#notedSince > RESTLESS_MS) {
      this.#isRestless = true
      const hint = `nothing is done before they come to rest; 'ignore' leaves out those that never do`
      this.#circus.log.warning(`${this.#name}: files keep changing, ${this.#shown(path)} for one: ${hint}`)
    }
    if (!this.#isBusy) this.#arm(this.#settings.debounce)
  }

  #arm(seconds: number): void {
    this.#cancel?.()
    this.#cancel = this.#circus.after(seconds, () => this.#settle())
  }

  async #settle(): Promise<void> {
    if (this.#isBusy || this.#noted.size === 0) return
    this.#isBusy = true
    try {
      await this.#decide()
    } catch (error) {
      this.#noted.clear()
      this.#tellUnlessGone(error as Error)
    } finally {
      this.#isBusy = false
      if (this.#noted.size > 0 && !this.#ended) this.#arm(Math.max(this.#settings?.debounce ?? 0, PATIENCE))
    }
  }

  /** What is left in `#noted` is not dealt with yet. */
  async #decide(): Promise<void> {
    if (!(await this.#isSettled())) return
    const status = await this.#status()
    // Whoever starts it later gets the files as they are then; one that just starts may have read the old ones.
    if (status === 'stopped') this.#noted.clear()
    else if (status === 'active' && this.#noted.size > 0) await this.#act()
  }

  /** Whether all is there, and nothing is being written just now. */
  async #isSettled(): Promise<boolean> {
    const files = await filesOf(this.#command)
    const isGone = ({ identity }: CommandFile, at: number) => identity === null && this.#files[at]?.identity !== null
    if (files.some(isGone) || (await this.#tree?.isTorn())) return false
    const debounceMs = (this.#settings?.debounce ?? 0) * 1000
    const ages = await Promise.all(
      [...this.#noted].map((path) =>
        stat(path).then(
          ({ mtimeMs }) => Date.now() - mtimeMs,
          () => Number.POSITIVE_INFINITY,
        ),
      ),
    )
    return ages.every((age) => age < 0 || age >= debounceMs)
  }

  async #act(): Promise<void> {
    const { action } = this.#settings!
    const [first, ...others] = [...this.#noted]
    const more = others.length + this.#notedMore
    const what = `${this.#shown(first!)} changed${more > 0 ? `, and ${more} more` : ''}`
    // From here on a change is one that the new processes may not have seen.
    this.#noted.clear()
    const { log, name: plugin } = this.#circus
    log.info(`${this.#name}: ${what}: ${action}`)
    try {
      const reason = `${plugin}: ${what}`
      await this.#circus.call(action, { name: this.#name, match: 'simple', reason, waiting: true })
    } catch (error) {
      if ((error as { code?: unknown }).code === 'ERR_CALL_TIMEOUT') await this.#untilDone()
      else log.warning(`${this.#name}: the ${action} failed: ${(error as Error).message}`)
    }
  }

  /** It takes longer than a client waits for a reply. */
  async #untilDone(): Promise<void> {
    do await new Promise<void>((resolve) => this.#circus.after(PATIENCE, resolve))
    while (!['active', 'stopped'].includes(await this.#status()))
  }

  async #status(): Promise<string> {
    return (await this.#circus.call<{ status: string }>('status', { name: this.#name })).status
  }

  #shown(path: string): string {
    const inside = relative(this.#command.folder, path)
    return inside === '' || inside.startsWith('..') ? path : inside
  }

  #tellUnlessGone(error: Error): void {
    // Between two events a watcher may be removed. The number of it: an original Circus tells no codes.
    if (this.#ended || (error as { errno?: unknown }).errno === 3) return
    this.#circus.log.error(`${this.#name}: ${error.message}`)
  }
}
