/** One process that has to send heartbeats. */
interface Pulse {
  readonly watcher: string
  /** Since the last look. */
  heard: boolean
  /** Looks in a row that found it silent. */
  silent: number
  /** It was asked to end: nothing more is done about it. */
  given: boolean
}

/** The processes that are watched, by their pids: those of the daemon, and no others. */
export class Pulses {
  readonly #pulses = new Map<number, Pulse>()

  /** A process was found or started: that counts as a sign of life. */
  add(watcher: string, pid: number): void {
    this.#pulses.set(pid, { watcher, heard: true, silent: 0, given: false })
  }

  remove(pid: number): void {
    this.#pulses.delete(pid)
  }

  removeWatcher(watcher: string): void {
    for (const [pid, pulse] of this.#pulses) if (pulse.watcher === watcher) this.#pulses.delete(pid)
  }

  has(pid: number): boolean {
    return this.#pulses.has(pid)
  }

  get pids(): number[] {
    return [...this.#pulses.keys()]
  }

  /** A heartbeat. Whether that process is watched at all. */
  heard(pid: number): boolean {
    const pulse = this.#pulses.get(pid)
    if (pulse) pulse.heard = true
    return pulse !== undefined
  }

  /** A look at all of them. Returns those that are to be killed, by watcher; they are not returned again. */
  look(maxCount: number): Map<string, number[]> {
    const found = new Map<string, number[]>()
    for (const [pid, pulse] of this.#pulses) {
      pulse.silent = pulse.heard ? 0 : pulse.silent + 1
      pulse.heard = false
      if (pulse.silent < maxCount || pulse.given) continue
      pulse.given = true
      const pids = found.get(pulse.watcher)
      if (pids) pids.push(pid)
      else found.set(pulse.watcher, [pid])
    }
    return found
  }

  /** It could not be killed: it is counted anew. */
  spare(pid: number): void {
    const pulse = this.#pulses.get(pid)
    if (pulse) Object.assign(pulse, { silent: 0, given: false })
  }
}
