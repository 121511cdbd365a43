import type { ConsoleSession } from './session.ts'

/** How often is looked whether the daemon is there, in milliseconds. */
const intervalMs = 1_000

/** Tells when the daemon goes away and when it is back, once each. */
export class Presence implements Disposable {
  readonly #session: ConsoleSession
  readonly #tell: (text: string) => void
  readonly #timer: NodeJS.Timeout | undefined
  #there = true
  #looking = false
  /** No look while a command is under way: it finds out by itself. */
  paused = true

  constructor(session: ConsoleSession, tell: (text: string) => void) {
    this.#session = session
    this.#tell = tell
    // Through ssh each look might ask for a password.
    const looks = session.address.ssh === undefined && !session.several
    if (looks) this.#timer = setInterval(() => void this.#look(), intervalMs).unref()
  }

  /** What a command found; it has told so itself. */
  found(there: boolean): void {
    this.#there = there
  }

  async #look(): Promise<void> {
    if (this.paused || this.#looking) return
    this.#looking = true
    const there = await this.#answers()
    this.#looking = false
    if (this.paused || there === undefined || there === this.#there) return
    this.#there = there
    const { endpoint } = this.#session.address
    this.#tell(there ? `The daemon at ${endpoint} is back.` : `The daemon at ${endpoint} is gone.`)
  }

  /** `undefined`: it does not say. A busy daemon is not gone, and one that refuses is there. */
  async #answers(): Promise<boolean | undefined> {
    try {
      await this.#session.daemon.call('numwatchers')
      return true
    } catch (error) {
      const { name, code } = error as Error & { code?: string }
      if (name === 'ReplyError') return true
      return code === 'ERR_UNREACHABLE' ? false : undefined
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}
