import { type Watch, watchReadable } from './posix/reactor.ts'
import type { ManagedSocket } from './sockets/managed-socket.ts'

/** Waits for the first connection, or datagram, at any of some sockets, without taking it. */
export class Demand {
  readonly #onDemand: (socket: ManagedSocket) => void
  #watches: Watch[] = []
  #timer: NodeJS.Timeout | undefined
  #armed = false

  /** @param onDemand Called once for each time it was armed; it is not armed any more then. */
  constructor(onDemand: (socket: ManagedSocket) => void) {
    this.#onDemand = onDemand
  }

  get armed(): boolean {
    return this.#armed
  }

  /** Wait from now on, or when the pause is over. */
  arm(sockets: readonly ManagedSocket[], pauseMs: number): void {
    this.disarm()
    this.#armed = true
    if (pauseMs > 0) this.#timer = setTimeout(() => this.#watch(sockets), pauseMs).unref()
    else this.#watch(sockets)
  }

  /** Wait no more. To be called before one of the sockets is closed. */
  disarm(): void {
    this.#armed = false
    clearTimeout(this.#timer)
    for (const watch of this.#watches.splice(0)) watch.end()
  }

  #watch(sockets: readonly ManagedSocket[]): void {
    for (const socket of sockets) {
      if (socket.fd === null || !socket.isShared) continue
      this.#watches.push(
        watchReadable(socket.fd, () => {
          if (!this.#armed) return
          this.disarm()
          this.#onDemand(socket)
        }),
      )
    }
  }
}
