import type { Circus } from '../../core/index.ts'
import { Deaths } from './deaths.ts'
import type { Settings } from './options.ts'

/**
 * What is being done about one watcher. `stopping`: it flaps, and was told to stop; `resting`: it is stopped, and will
 * be started again; `gone`: it was removed.
 */
type State =
  | { readonly id: 'watched' }
  | { readonly id: 'stopping'; readonly retry: Retry }
  | { readonly id: 'resting'; readonly rest: AbortController }
  | { readonly id: 'gone' }

/** The start that is to come; `reason` is the one of the stop before. */
interface Retry {
  readonly seconds: number
  readonly reason: string
}

interface Status {
  readonly status: string
  readonly reason?: string
}

/** So many lines of what processes wrote are in the log. */
const LINES = 5
const LINE_CHARACTERS = 400

/** One watcher in the care of the plugin. */
export class Patient {
  readonly deaths = new Deaths()
  readonly #circus: Circus
  /** As events name it. */
  readonly #name: string
  readonly #defaults: Settings
  #state: State = { id: 'watched' }
  /** Times it was started again since it was last well. */
  #retries = 0
  #settings: Promise<Settings> | undefined
  #knowsReasons = true

  constructor(circus: Circus, name: string, defaults: Settings) {
    this.#circus = circus
    this.#name = name
    this.#defaults = defaults
  }

  async onReap(pid: number, time: number): Promise<void> {
    if (!this.deaths.ended(pid, time) || this.#state.id !== 'watched') return
    this.#settings ??= this.#readSettings()
    const settings = await this.#settings
    // While the settings were read, another death may have been enough.
    if (!settings.active || this.#state.id !== 'watched') return
    if (this.deaths.wasHealthy(settings)) this.#retries = 0
    if (this.deaths.isBurst(settings)) await this.#treat(settings)
  }

  onStop(): void {
    if (this.#state.id === 'stopping') this.#rest(this.#state.retry)
    else if (this.#state.id === 'watched') this.#beginAnew()
  }

  /** Its own start comes when it is `watched` again: any other means that somebody took it out of the plugin's hands. */
  onStart(): void {
    if (this.#state.id !== 'resting') return
    this.#state.rest.abort()
    this.#state = { id: 'watched' }
    this.#beginAnew()
  }

  onUpdated(): void {
    this.#settings = undefined
    if (this.#state.id === 'watched') this.#beginAnew()
  }

  /** The watcher is no more. */
  discharge(): void {
    if (this.#state.id === 'resting') this.#state.rest.abort()
    this.#state = { id: 'gone' }
  }

  async #treat(settings: Settings): Promise<void> {
    const { attempts, window, retry_in, max_retry } = settings
    const { log } = this.#circus
    const what = `${plural(attempts, 'death', 'deaths')} within ${window} s`
    this.deaths.forget()
    if (max_retry !== -1 && this.#retries >= max_retry) {
      this.#retries = 0
      const tried = `after ${plural(max_retry, 'retry', 'retries')}`
      void this.#lastLines().then((lines) =>
        log.error(`${this.#name} flaps: ${what}, and that again ${tried}; it is given up and stopped${lines}`),
      )
      await this.#stop(`flapping: ${what}, given up ${tried}`)
      return
    }
    this.#retries++
    const count = max_retry === -1 ? '' : ` of ${max_retry}`
    const when = `after ${retry_in} s, about ${clockIn(retry_in)}`
    const retry = { seconds: retry_in, reason: `flapping: ${what}, retry ${this.#retries}${count} ${when}` }
    const retries = `retry ${this.#retries}${count} in ${retry_in} s`
    void this.#lastLines().then((lines) =>
      log.warning(`${this.#name} flaps: ${what}; it is stopped, ${retries}${lines}`),
    )
    this.#state = { id: 'stopping', retry }
    this.#knowsReasons = await this.#stop(retry.reason)
    // One that was stopped already publishes nothing.
    if (this.#isStopping() && (await this.#status()).status === 'stopped' && this.#isStopping()) this.#rest(retry)
  }

  #rest({ seconds, reason }: Retry): void {
    const rest = new AbortController()
    this.#state = { id: 'resting', rest }
    const cancel = this.#circus.after(seconds, async () => {
      const now = await this.#status()
      if (rest.signal.aborted) return
      this.#state = { id: 'watched' }
      // A stop of a stopped watcher publishes nothing, but it takes away the reason.
      if (now.status === 'stopped' && (now.reason === reason || !this.#knowsReasons)) this.#start()
      else this.#circus.log.info(`${this.#name} is ${now.status} by somebody else's doing: no retry`)
    })
    rest.signal.addEventListener('abort', cancel)
  }

  #beginAnew(): void {
    this.deaths.forget()
    this.#retries = 0
  }

  #isStopping(): boolean {
    return this.#state.id === 'stopping'
  }

  /** Whether the daemon keeps the reason: an original Circus does not. */
  async #stop(reason: string): Promise<boolean> {
    const reply = await this.#circus.call('stop', { name: this.#name, match: 'simple', reason })
    return reply['reason'] === reason
  }

  /** What its processes wrote last, as the end of a message; nothing where that cannot be told. */
  async #lastLines(): Promise<string> {
    try {
      const about = { name: this.#name, match: 'simple', lines: LINES }
      const { lines } = await this.#circus.call<{ lines: { line: string }[] }>('tail', about)
      const text = lines.map(({ line }) => `| ${line.slice(0, LINE_CHARACTERS)}`).join('\n')
      return text && `; the last lines of its processes:\n${text}`
    } catch {
      return '' // an original Circus keeps none
    }
  }

  #start(): void {
    this.#circus.cast('start', { name: this.#name, match: 'simple' })
  }

  #status(): Promise<Status> {
    return this.#circus.call<Status & Record<string, unknown>>('status', { name: this.#name })
  }

  async #readSettings(): Promise<Settings> {
    const { call, log } = this.#circus
    try {
      const { options } = await call<{ options: Record<string, unknown> }>('options', { name: this.#name })
      // Where nothing is replaced, nothing flaps.
      const never = options['respawn'] === false && { active: false }
      return { ...this.#defaults, ...(await this.#circus.watcherOptions<Partial<Settings>>(this.#name)), ...never }
    } catch (error) {
      log.error(`${this.#name}: its flapping.… options are left out: ${(error as Error).message}`)
      return this.#defaults
    }
  }
}

/** The time of day in so many seconds, with the date, as people here write it. */
const clockIn = (seconds: number): string => new Date(Date.now() + seconds * 1000).toLocaleString('sv-SE')

const plural = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`
