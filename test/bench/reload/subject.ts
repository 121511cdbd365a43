import type { Manager } from '../managers/manager.ts'

/** One way to run the servers. */
export interface Subject extends Pick<Manager, 'name' | 'prepare'> {
  /**
   * Run so many processes of `release.js` in `dir`, on one port of this machine. Resolves when each of them listens.
   * What it leaves behind when it rejects carries `dir`.
   */
  start(ground: { readonly dir: string; readonly seconds: number }, processes: number): Promise<Running>
}

/** Servers that run. */
export interface Running {
  readonly port: number
  /** What its manager does under load, in this order; in the end all is as it was before. */
  readonly events: readonly ManagedEvent[]
  /** Ends it all. */
  stop(): Promise<void>
}

export interface ManagedEvent {
  readonly name: string
  /** Rejects when the manager answers in another way than it should. */
  run(): Promise<unknown>
}

/** Where requests go, and how. */
export interface Target {
  readonly port: number
  readonly connections: number
  /** Whether a connection carries more than one request. */
  readonly keepAlive: boolean
  /** The working directory of what makes the requests. */
  readonly dir: string
}

/** Requests that are being made. */
export interface Load<Figures> {
  /** End them. */
  end(): Promise<Figures>
}
