import type { Circus, ProcessInfo } from '../../core/plugin.ts'

/** A process as `stats` tells it; what a daemon does not tell, an original one say, is absent. */
export type ListedInfo = ProcessInfo & { readonly wid?: number; readonly cpu_seconds?: number | 'N/A' }

/** A socket as `listsockets` tells it. */
export interface ListedSocket {
  readonly name: string
  readonly queue?: number
  readonly queue_limit?: number
  readonly queue_bytes?: number
  readonly reads?: number
}

/** What `list` tells of a watcher. */
interface ListedWatcher {
  readonly numprocesses: number
  readonly restarts_by?: Readonly<Record<string, number>>
}

/** What `dstats` tells. */
export interface Daemon {
  readonly info: ProcessInfo
  readonly version?: string
  readonly node?: string
  readonly loop_delay?: {
    readonly count: number
    readonly sum: number
    readonly buckets: readonly (readonly [bound: number, count: number])[]
  }
}

/** All that one look finds. */
export interface Found {
  /** When it began, as a `performance.now()`. */
  readonly began: number
  /** By the names of the watchers. A process that has ended meanwhile is a text. */
  readonly statuses: Readonly<Record<string, string>>
  readonly infos: Readonly<Record<string, Readonly<Record<string, ListedInfo | string>>>>
  /** By their names in lower case. */
  readonly listed: Readonly<Record<string, ListedWatcher>>
  readonly sockets: readonly ListedSocket[]
  readonly daemon: Daemon
}

/** Asks a daemon how everything is. */
export class Survey {
  readonly #call: Circus['call']

  constructor({ call }: Circus) {
    this.#call = call
  }

  /** Rejects with what kept the daemon from answering. */
  async look(): Promise<Found> {
    const began = performance.now()
    const [{ statuses }, { infos }, { processes = {} }, { sockets }, daemon] = await Promise.all([
      this.#call<Pick<Found, 'statuses'>>('status'),
      this.#call<Pick<Found, 'infos'>>('stats'),
      this.#call<{ processes?: Found['listed'] }>('list', { processes: true }),
      this.#call<Pick<Found, 'sockets'>>('listsockets', { reads: true }),
      this.#call<Daemon>('dstats', { extended: true }),
    ])
    return { began, statuses, infos, listed: processes, sockets, daemon }
  }
}
