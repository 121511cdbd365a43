import { reasonOf } from './errors.ts'
import type { Log } from './log.ts'
import { SIGKILL, signalName } from './posix/signals.ts'
import type { Process } from './process.ts'
import type { WatcherContext } from './process-pool.ts'
import { terminate } from './termination.ts'
import type { Watcher } from './watcher.ts'

/** Sends signals to the processes of a watcher, through the hooks. */
export class Signaller {
  readonly #watcher: Watcher
  readonly #context: WatcherContext
  readonly #log: Log

  constructor(watcher: Watcher, context: WatcherContext, log: Log) {
    this.#watcher = watcher
    this.#context = context
    this.#log = log
  }

  /** Send a signal to a process. `false`: kept back by a hook, or there is nobody left. Rejects with `ERR_SYSTEM_CALL`. */
  async signal(process: Process, signum: number): Promise<boolean> {
    const { beforeSignal, afterSignal } = this.#context.hooks
    const request = { pid: process.pid, signum }
    let allowed = true
    if (beforeSignal.isUsed()) {
      const answer = beforeSignal.promise(request, this.#watcher)
      // Nothing keeps SIGKILL back, not even for the time a hook takes.
      if (signum !== SIGKILL) allowed = (await answer) !== false
    }
    if (!allowed) this.#log.info(`${signalName(signum)} to process ${process.pid} was kept back by a hook`)
    const sent = allowed && process.signal(signum)
    if (afterSignal.isUsed()) void afterSignal.promise(request, this.#watcher)
    return sent
  }

  /** Stop a process: a signal, and SIGKILL to it and its descendants after the grace time. */
  async stop(process: Process, how: { readonly signum?: number; readonly graceMs?: number } = {}): Promise<void> {
    const { stop_signal, graceful_timeout, stop_children } = this.#watcher.options
    const { signum = stop_signal, graceMs = graceful_timeout * 1000 } = how
    await terminate(process, {
      signum,
      graceMs,
      children: stop_children,
      log: this.#log,
      send: (target, number) => this.#sendToStop(target, number),
    })
  }

  async #sendToStop(process: Process, signum: number): Promise<boolean> {
    try {
      const sent = await this.signal(process, signum)
      if (sent) this.#context.events.publish(this.#watcher.name, 'kill', { process_pid: process.pid })
      return sent
    } catch (error) {
      this.#log.error(reasonOf(error))
      return false
    }
  }
}
