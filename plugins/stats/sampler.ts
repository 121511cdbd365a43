import {
  type Circus,
  ProcessSurvey,
  pauseIfLate,
  reasonOf,
  type StatsChannel,
  type SurveyedProcess,
  type SurveyTarget,
} from '../../core/plugin.ts'
import type { History, Usage } from './history.ts'
import type { Interest } from './interest.ts'
import { processMessage, WatcherTotals } from './messages.ts'
import { type ListedProcess, Roster, type WatcherNumbers } from './roster.ts'
import { SocketStats } from './sockets.ts'

/** What the original calls the group of the daemon and its helpers. */
const OWN = 'circus'
const SOCKETS = 'stat.sockets'

/** Processes that are told of together: those of a watcher, or the daemon and its helpers. */
interface Group {
  readonly name: string
  readonly processes: readonly ListedProcess[]
  /** Whether somebody wants to hear of it. */
  readonly isWanted: boolean
  readonly numbers: WatcherNumbers
}

/** A daemon that takes longer than this, in milliseconds, keeps a look waiting no more. */
const PATIENCE_MS = 100

/** What there is to be done in a look. */
export interface Look {
  /** When it is, in Unix seconds. */
  readonly at: number
  /** All is looked at, also what nobody wants to hear of: for its history. */
  readonly everything: boolean
  /** It is one of many: the history by the second has it, too. */
  readonly bySecond: boolean
}

/** Looks at processes, tells what somebody wants to hear, and has the history remember it. */
export class Sampler {
  readonly #circus: Circus
  readonly #interest: Interest
  readonly #channel: StatsChannel
  readonly #history: History
  readonly #roster: Roster
  readonly #sockets: SocketStats
  readonly #survey = new ProcessSurvey()
  /** While the daemon is asked for its sockets. */
  #telling: Promise<void> | undefined
  /** What failed the last time, and why. */
  readonly #troubles = new Map<string, string>()

  constructor(circus: Circus, channel: StatsChannel, interest: Interest, history: History) {
    this.#circus = circus
    this.#channel = channel
    this.#interest = interest
    this.#history = history
    const announce = async () => {
      if (channel.endpoint !== '') await circus.call('announce', { stats_endpoint: channel.endpoint })
    }
    this.#roster = new Roster(circus, () => void announce().catch(() => {}))
    this.#sockets = new SocketStats(circus)
  }

  /** Of all watchers, and of the group that the daemon and its helpers are. */
  get names(): ReadonlySet<string> {
    return new Set([OWN, ...this.#roster.watchers.keys()])
  }

  /** Look once. Never rejects: what keeps it from telling something is in the log. */
  async look({ at, everything, bySecond }: Look): Promise<void> {
    await this.#refresh()
    const groups = this.#groups()
    this.#history.follow(this.names)
    const looked = everything ? groups : groups.filter(({ isWanted }) => isWanted)
    const targets: SurveyTarget[] = looked.flatMap(({ processes }) => processes)
    const seen = await this.#survey.look(targets)
    for (const group of looked) {
      const processes = group.processes.filter(({ pid }) => seen.has(pid))
      if (group.isWanted) await this.#tell({ ...group, processes }, seen)
      this.#history.record(
        group.name,
        at,
        processes.flatMap(({ pid }) => usageOf(seen.get(pid)!)),
        bySecond,
      )
    }
    if (this.#interest.in(SOCKETS)) this.#tellSockets()
  }

  /** Without an answer the processes are still known, and those that come and go are told by events. */
  async #refresh(): Promise<void> {
    const answered = this.#try('the daemon does not tell its processes', () => this.#roster.refresh())
    if (this.#roster.own.size === 0) return answered
    const late = Promise.withResolvers<void>()
    const timer = setTimeout(late.resolve, PATIENCE_MS)
    await Promise.race([answered, late.promise])
    clearTimeout(timer)
  }

  #groups(): Group[] {
    const { own } = this.#roster
    const watchers = new Map(this.#roster.watchers)
    // A watcher of that name has the same topics: those are of all of them together.
    const namesake = watchers.get(OWN)?.processes.values() ?? []
    watchers.delete(OWN)
    const listed = [...[...own.keys()].map((pid) => ({ pid, startTime: null })), ...namesake]
    const isWanted = (name: string) => this.#interest.in(`stat.${name}`)
    return [
      { name: OWN, processes: listed, isWanted: isWanted(OWN), numbers: {} },
      ...[...watchers].map(([name, { processes, ...numbers }]) => {
        return { name, processes: [...processes.values()], isWanted: isWanted(name), numbers }
      }),
    ]
  }

  async #tell({ name, processes, numbers }: Group, seen: ReadonlyMap<number, SurveyedProcess>): Promise<void> {
    const totals = new WatcherTotals()
    for (const process of processes) {
      const pause = pauseIfLate()
      if (pause) await pause
      const label = name === OWN ? (this.#roster.own.get(process.pid) ?? null) : null
      const message = processMessage(seen.get(process.pid)!, process, label)
      totals.add(message)
      this.#channel.publish(`stat.${name}.${process.pid}`, message)
    }
    this.#channel.publish(`stat.${name}`, totals.message(numbers))
  }

  /** They are the daemon's to tell: nothing else waits for that. */
  #tellSockets(): void {
    this.#telling ??= this.#try('the daemon does not tell its sockets', async () => {
      for (const [topic, payload] of await this.#sockets.messages()) this.#channel.publish(topic, payload)
    }).finally(() => (this.#telling = undefined))
  }

  /** A trouble that lasts is told once. */
  async #try(what: string, fn: () => Promise<void>): Promise<void> {
    try {
      await fn()
      this.#troubles.delete(what)
    } catch (error) {
      const why = reasonOf(error)
      if (this.#troubles.get(what) === why || this.#circus.signal.aborted) return
      this.#troubles.set(what, why)
      this.#circus.log.warning(`${what}: ${why}`)
    }
  }
}

function usageOf({ pid, startTime, cpu, rssBytes }: SurveyedProcess): Usage[] {
  if (cpu === 'N/A' || rssBytes === 'N/A' || startTime === null) return []
  return [{ pid, startTime, cpu, rss: rssBytes }]
}
