import { type Circus, KernelError, parseGlob, reasonOf } from '../../core/plugin.ts'

/**
 * Restarts the watchers that an option names (by their name, or a glob) when what they serve fails. Never while one of them is
 * being started, stopped or restarted, by whomever; and never one that is stopped: somebody wants it so.
 */
export class Restarter {
  readonly #circus: Circus
  /** As it stands in the section: `restart_on_error = web`. */
  readonly #option: string
  readonly #patience: number
  readonly #picks: (name: string) => boolean
  readonly #name: string
  #failures = 0
  /** Restarts it has asked for that are not over yet. */
  #underWay = 0
  /** Why nothing was restarted, as it is in the log. */
  #said: string | undefined

  /**
   * @param patience So many failures in a row make a restart.
   * @throws ERR_PATTERN_TOO_SLOW
   */
  constructor(circus: Circus, option: string, name: string, patience: number) {
    this.#circus = circus
    this.#option = `${option} = ${name}`
    this.#name = name.toLowerCase()
    this.#patience = patience
    const matches = parseGlob(name, { ignoreCase: true })
    // A glob is not meant for the plugins that run in processes of their own, this one perhaps among them.
    this.#picks = (watcher) => !watcher.startsWith('plugin:') && matches(watcher)
  }

  /** All is well. */
  worked(): void {
    this.#failures = 0
    this.#said = undefined
  }

  /** It failed once more; `why` is told with the restart. Resolves to whether one was asked for. Never rejects. */
  async failed(why: string): Promise<boolean> {
    if (this.#underWay > 0 || ++this.#failures < this.#patience) return false
    const statuses = await this.#statuses()
    // The plugin may have ended meanwhile.
    if (!statuses || this.#circus.signal.aborted) return false
    const names = Object.keys(statuses)
    const exact = names.find((name) => name.toLowerCase() === this.#name)
    const picked = exact === undefined ? names.filter(this.#picks) : [exact]
    const active = picked.filter((name) => statuses[name] === 'active')
    if (picked.some((name) => statuses[name] !== 'active' && statuses[name] !== 'stopped')) {
      this.#failures = 0
      return false
    }
    if (picked.length === 0) this.#say('no watcher has that name, nothing is restarted')
    else if (active.length === 0) this.#say(`${picked.join(', ')} is stopped, and left so`)
    if (active.length === 0) return false
    this.#failures = 0
    this.#said = undefined
    for (const name of active) void this.#restart(name, why)
    return true
  }

  async #statuses(): Promise<Readonly<Record<string, string>> | undefined> {
    try {
      return (await this.#circus.call<{ statuses: Record<string, string> }>('status')).statuses
    } catch (error) {
      this.#say(`the daemon cannot be asked: ${reasonOf(error)}`)
      return undefined
    }
  }

  async #restart(name: string, reason: string): Promise<void> {
    const { call, log, signal } = this.#circus
    // The daemon says so aloud, with the reason.
    log.debug(`${name} is restarted: ${reason}`)
    this.#underWay++
    try {
      await call('restart', { name, match: 'simple', reason, waiting: true })
    } catch (error) {
      // One that takes long is not waited for by an isolated plugin: its status tells then that it is under way.
      const isLate = error instanceof KernelError && error.code === 'ERR_CALL_TIMEOUT'
      if (!isLate && !signal.aborted) log.error(`${name} was not restarted: ${reasonOf(error)}`)
    } finally {
      this.#underWay--
    }
  }

  #say(what: string): void {
    if (what === this.#said || this.#circus.signal.aborted) return
    this.#said = what
    this.#circus.log.warning(`${this.#option}: ${what}`)
  }
}
