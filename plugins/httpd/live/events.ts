import { maskSecrets, type PluginEvent } from '../../../core/plugin.ts'
import type { LiveEvent } from '../api.ts'

/** So many are kept for pages that come later. */
const kept = 500
/** Of what a daemon tells of one event, so much is kept: it may tell the last lines of a process. */
const mostCharacters = 4_096

/** The last events of the daemon. */
export class RecentEvents {
  readonly #events: LiveEvent[] = []
  #lastId = 0

  add({ watcher, event, time, payload }: PluginEvent): LiveEvent {
    const told = maskSecrets(payload) as Readonly<Record<string, unknown>>
    const { time: _, ...rest } = told
    const isShort = JSON.stringify(rest).length <= mostCharacters
    const entry: LiveEvent = { id: ++this.#lastId, watcher, event, time, payload: isShort ? rest : shortened(rest) }
    this.#events.push(entry)
    if (this.#events.length > 2 * kept) this.#events.splice(0, this.#events.length - kept)
    return entry
  }

  get last(): readonly LiveEvent[] {
    return this.#events.slice(-kept)
  }
}

/** What is short stays whole, what is long is cut. */
function shortened(payload: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(payload)
      .slice(0, 16)
      .map(([name, value]) => {
        const whole = JSON.stringify(value) ?? ''
        if (whole.length <= 200) return [name, value]
        if (Array.isArray(value)) return [name, value.slice(-5).map((item) => String(item).slice(0, 100))]
        return [name, `${whole.slice(0, 200)}…`]
      }),
  )
}
