import type { ListedInfo } from './survey.ts'

/** Seconds of processor time by watcher: they go on growing when processes end and others take their places. */
export class ProcessorTime {
  /** What each process had taken when it was last seen, by watcher. */
  #seen = new Map<string, ReadonlyMap<string, number>>()
  readonly #seconds = new Map<string, number>()

  /** All watchers and the processes they have now; what is not among them is forgotten. */
  update(watchers: ReadonlyMap<string, readonly ListedInfo[]>): void {
    const seen = new Map<string, ReadonlyMap<string, number>>()
    for (const [name, processes] of watchers) {
      const before = this.#seen.get(name)
      const now = new Map<string, number>()
      let seconds = this.#seconds.get(name) ?? 0
      for (const process of processes) {
        const taken = secondsOf(process)
        if (taken === null) continue
        const key = `${process.pid}:${process.create_time}`
        const known = before?.get(key) ?? 0
        seconds += Math.max(taken - known, 0)
        now.set(key, Math.max(taken, known))
      }
      seen.set(name, now)
      this.#seconds.set(name, seconds)
    }
    this.#seen = seen
    for (const name of this.#seconds.keys()) if (!watchers.has(name)) this.#seconds.delete(name)
  }

  of(watcher: string): number {
    return this.#seconds.get(watcher) ?? 0
  }
}

/** With all that descends from it, where the daemon tells that. */
const secondsOf = ({ cpu_seconds, ctime }: ListedInfo): number | null =>
  typeof cpu_seconds === 'number' ? cpu_seconds : parseMinutes(ctime)

/** `m:ss.cc` as seconds. */
export function parseMinutes(text: string): number | null {
  const [, minutes, seconds] = /^(\d+):(\d+(?:\.\d+)?)$/.exec(text) ?? []
  return minutes === undefined ? null : Number(minutes) * 60 + Number(seconds)
}
