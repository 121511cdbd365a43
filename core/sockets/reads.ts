import { readable } from '../posix/poll.ts'
import type { ManagedSocket } from './managed-socket.ts'

/** Milliseconds between two looks: the original's. */
const LOOK_MS = 10
/** How long, in milliseconds, looking goes on for nobody. */
const PATIENCE_MS = 15_000

/**
 * Counts, while somebody asks, the looks at which somebody waited at a socket: what the original calls its reads. Whoever
 * is accepted between two looks is not seen, and whoever is not accepted is seen again and again.
 */
export class SocketReads {
  readonly #sockets: () => readonly ManagedSocket[]
  readonly #counts = new WeakMap<ManagedSocket, number>()
  #timer: NodeJS.Timeout | undefined
  #askedAt = 0
  #patienceMs = PATIENCE_MS

  /** @param sockets Those there are now. */
  constructor(sockets: () => readonly ManagedSocket[]) {
    this.#sockets = sockets
  }

  /** Count from now on, or go on. */
  demand(): void {
    const now = performance.now()
    // Whoever asks seldom is waited for longer.
    if (this.#timer) this.#patienceMs = Math.max(PATIENCE_MS, 2 * (now - this.#askedAt))
    this.#askedAt = now
    if (this.#shared.length > 0) this.#timer ??= setInterval(() => this.#look(), LOOK_MS).unref()
  }

  /** Looks at which somebody waited there, since it was first asked for. */
  of(socket: ManagedSocket): number {
    return this.#counts.get(socket) ?? 0
  }

  /** Count no more, until somebody asks again. */
  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#patienceMs = PATIENCE_MS
  }

  /** Where all processes wait at the same socket. */
  get #shared(): ManagedSocket[] {
    return this.#sockets().filter(({ fd, isShared }) => fd !== null && isShared)
  }

  #look(): void {
    if (performance.now() - this.#askedAt > this.#patienceMs) {
      this.stop()
      return
    }
    const shared = this.#shared
    const ready = readable(shared.map(({ fd }) => fd!))
    for (const [at, socket] of shared.entries()) if (ready[at]) this.#counts.set(socket, this.of(socket) + 1)
  }
}
