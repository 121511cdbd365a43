import {
  type Circus,
  ProcessSurvey,
  pauseIfLate,
  reasonOf,
  type StatsChannel,
  type SurveyedProcess,
  type SurveyTarget,
} from '../../core/index.ts'
import type { Interest } from './interest.ts'
import { type ProcessMessage, processMessage, watcherMessage } from './messages.ts'
import { type ListedProcess, Roster } from './roster.ts'
import { SocketStats } from './sockets.ts'

/** What the original calls the group of the daemon and its helpers. */
const OWN = 'circus'
const SOCKETS = 'stat.sockets'

/** Processes that are told of together: those of a watcher, or the daemon and its helpers. */
export interface Group {
  readonly name: string
  readonly processes: readonly Partial<ListedProcess & { readonly label: string }>[]
}

/** Looks at all that somebody wants to hear of, and tells it. */
export class Sampler {
  readonly #circus: Circus
  readonly #interest: Interest
  readonly #channel: StatsChannel
  readonly #roster: Roster
  readonly #sockets: SocketStats
  readonly #survey = new ProcessSurvey()
  #trouble = ''

  constructor(circus: Circus, channel: StatsChannel, interest: Interest) {
    this.#circus = circus
    this.#channel = channel
    this.#interest = interest
    this.#roster = new Roster(circus)
    this.#sockets = new SocketStats(circus)
  }

  /** One look. Never rejects: what keeps it from telling something is in the log. */
  async look(): Promise<void> {
    await this.#try('the daemon does not tell its processes', () => this.#roster.refresh())
    const targets: SurveyTarget[] = []
    const { own, watchers } = this.#roster
    const wantsOwn = this.#interest.in(`stat.${OWN}`)
    if (wantsOwn) for (const pid of own.keys()) targets.push({ pid, startTime: null })
    const wanted = [...watchers].filter(([name]) => this.#interest.in(`stat.${name}`))
    for (const [, { processes }] of wanted) targets.push(...processes.values())
    const seen = await this.#survey.look(targets)
    if (wantsOwn)
      await this.#tell(
        OWN,
        seen,
        [...own.keys()].map((pid) => ({ pid, startTime: null })),
        own,
      )
    for (const [name, { processes, restarts }] of wanted)
      await this.#tell(name, seen, processes.values(), own, restarts)
    if (this.#interest.in(SOCKETS)) await this.#try('the daemon does not tell its sockets', () => this.#tellSockets())
  }

  async #tell(
    group: string,
    seen: ReadonlyMap<number, SurveyedProcess>,
    processes: Iterable<ListedProcess>,
    names: ReadonlyMap<number, string>,
    restarts?: number,
  ): Promise<void> {
    const messages: ProcessMessage[] = []
    for (const process of processes) {
      const found = seen.get(process.pid)
      if (!found) continue
      const pause = pauseIfLate()
      if (pause) await pause
      const message = processMessage(found, process, names.get(process.pid) ?? null)
      messages.push(message)
      this.#channel.publish(`stat.${group}.${process.pid}`, message)
    }
    this.#channel.publish(`stat.${group}`, watcherMessage(messages, restarts))
  }

  async #tellSockets(): Promise<void> {
    for (const [topic, payload] of await this.#sockets.messages()) this.#channel.publish(topic, payload)
  }

  /** A trouble that lasts is told once. */
  async #try(what: string, fn: () => Promise<void>): Promise<void> {
    try {
      await fn()
      if (this.#trouble.startsWith(what)) this.#trouble = ''
    } catch (error) {
      const trouble = `${what}: ${reasonOf(error)}`
      if (trouble !== this.#trouble && !this.#circus.signal.aborted) this.#circus.log.warning(trouble)
      this.#trouble = trouble
    }
  }
}
