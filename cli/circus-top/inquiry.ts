import { performance } from 'node:perf_hooks'
import { ReplyError } from '../../core/client.ts'
import type { Reply } from '../circusctl/command.ts'
import type { Daemon } from '../circusctl/daemon.ts'
import { viewOf, viewsIn } from '../circusctl/watcher-view.ts'
import type { Board } from './board.ts'
import { fieldsOf, number, text } from './figures.ts'
import { readSockets } from './message.ts'

/** Asks a daemon, this one or an original one, for what goes on a board. All of it rejects like `Daemon.call`. */
export class Inquiry {
  readonly #daemon: Daemon
  readonly #board: Board
  /** Watchers whose reason was asked for since they are stopped. */
  #explained: ReadonlySet<string> = new Set()

  #isCheap = false

  constructor(daemon: Daemon, board: Board) {
    this.#daemon = daemon
    this.#board = board
  }

  /** Whether the daemon is known to answer `watchers` quickly: an original one stands still for it. */
  get isCheap(): boolean {
    return this.#isCheap
  }

  /** Where the daemon's statistics are published. */
  async statsEndpoint(): Promise<string | undefined> {
    const { options } = await this.#daemon.call('globaloptions')
    return text(fieldsOf(options).stats_endpoint)
  }

  /**
   * What costs the daemon little: its watchers' states, its sockets, and itself. Resolves to its pid.
   *
   * @param told The channel tells of processes and hits.
   */
  async overview(told: boolean): Promise<number | undefined> {
    const [{ statuses }, sockets, daemon] = await Promise.all([
      this.#daemon.call('status'),
      this.#ifAnswered('listsockets'),
      this.#ifAnswered('dstats'),
    ])
    this.#board.takeStatuses(fieldsOf(statuses))
    if (told) await this.#explain(fieldsOf(statuses))
    if (sockets) this.#board.takeSockets(readSockets(sockets.sockets), told)
    if (daemon && !told) this.#board.takeDaemon(daemon.info, performance.now())
    const { pid, threads } = fieldsOf(daemon?.info)
    this.#isCheap = threads !== undefined
    return number(pid)
  }

  /** All watchers with their processes. Resolves to what puts them on the board. */
  async watchers(): Promise<() => void> {
    const { watchers } = await viewOf(this.#daemon)
    return () => this.#board.takeWatchers(watchers, performance.now())
  }

  /** The children of all processes: the channel does not tell of them. */
  async children(): Promise<void> {
    const { infos } = await this.#daemon.call('stats')
    for (const [name, processes] of Object.entries(fieldsOf(infos))) this.#board.takeChildren(name, processes)
  }

  /** What the last minute was like. An original daemon does not remember. */
  async lastMinute(): Promise<void> {
    const reply = await this.#ifAnswered('history', { step: 'second', points: 60 })
    if (reply) this.#board.takeMinutes(reply.watchers)
  }

  /** Why watchers are stopped that were not when it was last asked. */
  async #explain(statuses: Readonly<Record<string, unknown>>): Promise<void> {
    const stopped = Object.keys(statuses).filter((name) => statuses[name] === 'stopped')
    for (const name of stopped) {
      if (this.#explained.has(name)) continue
      const reply = await this.#ifAnswered('describe', { name })
      if (!reply) break
      this.#board.takeReason(name, viewsIn(reply)[0]?.reason ?? undefined)
    }
    this.#explained = new Set(stopped)
  }

  /** A reply, or `undefined` where the daemon refuses or does not know the command. */
  async #ifAnswered(command: string, properties = {}): Promise<Reply | undefined> {
    try {
      return await this.#daemon.call(command, properties)
    } catch (error) {
      if (error instanceof ReplyError) return undefined
      throw error
    }
  }
}
