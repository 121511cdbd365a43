import type { Log } from '../../core/plugin.ts'

/** What goes on is told again after so many milliseconds, at the earliest. */
const AGAIN_MS = 600_000

/** Warnings that anybody could cause by the thousand: each kind is told once, and then, while it goes on, with how often. */
export class Notices {
  readonly #log: Pick<Log, 'warning'>
  readonly #told = new Map<string, { at: number; since: number }>()

  constructor(log: Pick<Log, 'warning'>) {
    this.#log = log
  }

  /** `message` is called only when it is told. */
  tell(kind: string, message: () => string): void {
    const told = this.#told.get(kind)
    const now = performance.now()
    if (told && now - told.at < AGAIN_MS) {
      told.since++
      return
    }
    this.#told.set(kind, { at: now, since: 0 })
    this.#log.warning(
      told && told.since > 0 ? `${message()}, and so ${told.since} times since this was last told` : message(),
    )
  }
}
