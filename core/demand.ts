import type { WatcherOptions } from './config/index.ts'
import { LONGEST_TIMER_MS } from './expiries.ts'
import { type Watch, watchReadable } from './posix/reactor.ts'
import { closeSocket, duplicate } from './posix/socket.ts'
import type { ManagedSocket } from './sockets/managed-socket.ts'
import { pauseAfter, shortLivesAfter } from './vacancies.ts'
import type { WatcherHistory } from './watcher-history.ts'

/** How long to wait, in milliseconds, when a socket cannot be watched for the moment. */
const RETRY_MS = 1000

/** Waits for the first connection, or datagram, at any of some sockets, without taking it. */
export class Demand {
  readonly #onDemand: (socket: ManagedSocket) => void
  #watches: { readonly watch: Watch; readonly fd: number }[] = []
  #timer: NodeJS.Timeout | undefined
  #armed = false
  /** Times in a row that the answer to a demand ended soon. */
  #shortLives = 0

  /** @param onDemand Called once for each time it was armed; it is not armed any more then. */
  constructor(onDemand: (socket: ManagedSocket) => void) {
    this.#onDemand = onDemand
  }

  get armed(): boolean {
    return this.#armed
  }

  /**
   * Wait from now on, or when the pause is over. `false`: none of them is one that all processes share.
   * Throws `ERR_SYSTEM_CALL`; nothing is waited for then.
   */
  arm(sockets: readonly ManagedSocket[], pauseMs: number): boolean {
    this.disarm()
    const shared = sockets.filter(({ isShared }) => isShared)
    if (shared.length === 0) return false
    this.#armed = true
    if (pauseMs > 0) this.#timer = setTimeout(() => this.#resume(shared), Math.min(pauseMs, LONGEST_TIMER_MS)).unref()
    else this.#watch(shared)
    return true
  }

  /** The pause is over. */
  #resume(sockets: readonly ManagedSocket[]): void {
    try {
      this.#watch(sockets)
    } catch {
      // No descriptor is free: soon one may be, and who has come waits in the queue.
      this.arm(sockets, RETRY_MS)
    }
  }

  /**
   * How long, in milliseconds, to wait before the next demand is listened for, now that all processes have ended: a
   * connection nobody accepts must not have a program that ends at once started over and over.
   */
  pauseAfter({ options, history }: { readonly options: WatcherOptions; readonly history: WatcherHistory }): number {
    const livedMs = (history.exits[0]?.age ?? 0) * 1000
    this.#shortLives = shortLivesAfter(this.#shortLives, livedMs)
    const [firstMs, longestMs] = [options.respawn_delay * 1000, options.respawn_delay_max * 1000]
    return pauseAfter(this.#shortLives, livedMs, { firstMs, longestMs })
  }

  /** Wait no more. Until then its sockets are open, also when the daemon has closed them. */
  disarm(): void {
    this.#armed = false
    clearTimeout(this.#timer)
    for (const { watch, fd } of this.#watches.splice(0)) {
      watch.end()
      closeSocket(fd)
    }
  }

  #watch(sockets: readonly ManagedSocket[]): void {
    try {
      for (const socket of sockets) if (socket.fd !== null) this.#watchOne(socket, socket.fd)
    } catch (error) {
      this.disarm()
      throw error
    }
  }

  #watchOne(socket: ManagedSocket, shared: number): void {
    // A descriptor can be watched once, and other watchers may wait for the same socket.
    const fd = duplicate(shared)
    try {
      const watch = watchReadable(fd, () => {
        if (!this.#armed) return
        this.disarm()
        this.#onDemand(socket)
      })
      this.#watches.push({ watch, fd })
    } catch (error) {
      closeSocket(fd)
      throw error
    }
  }
}
