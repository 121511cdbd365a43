import { KernelError } from '../../core/plugin.ts'
import { kept, type Step, stepSeconds, Track } from './track.ts'

/** A process that was seen. */
export interface Usage {
  readonly pid: number
  /** With the pid, it names a process for good. */
  readonly startTime: number
  /** Percent of one processor. */
  readonly cpu: number
  /** Bytes. */
  readonly rss: number
}

interface Past {
  readonly all: Track
  readonly processes: Map<number, { readonly startTime: number; readonly track: Track }>
}

/** What `history` is asked. */
interface Question {
  readonly name?: string | undefined
  readonly process?: number | undefined
  readonly processes: boolean
  readonly step: Step
  readonly points: number
}

type Values = readonly (number | null)[]

/** So many values at most are told at once: a reply of a megabyte keeps nobody waiting. */
const MOST_VALUES = 100_000

/** What watchers and their processes used lately: bounded, since what is not there any more is forgotten. */
export class History {
  readonly #watchers = new Map<string, Past>()

  /** Bytes of memory that the values take. */
  get bytes(): number {
    let bytes = 0
    for (const { all, processes } of this.#watchers.values()) {
      bytes += all.bytes
      for (const { track } of processes.values()) bytes += track.bytes
    }
    return bytes
  }

  /** Remember what the processes of a watcher used. Those that are missing have ended. Times are Unix seconds. */
  record(name: string, time: number, processes: readonly Usage[], bySecond: boolean): void {
    const past = this.#of(name)
    let [cpu, rss] = [0, 0]
    for (const usage of processes) {
      cpu += usage.cpu
      rss += usage.rss
      let own = past.processes.get(usage.pid)
      if (own?.startTime !== usage.startTime) {
        own = { startTime: usage.startTime, track: new Track(2) }
        past.processes.set(usage.pid, own)
      }
      own.track.record(time, [usage.cpu, usage.rss], bySecond)
    }
    past.all.record(time, [cpu, rss, processes.length], bySecond)
    if (past.processes.size === processes.length) return
    const present = new Set(processes.map(({ pid }) => pid))
    for (const pid of past.processes.keys()) if (!present.has(pid)) past.processes.delete(pid)
  }

  /** These are the watchers that there are: others are forgotten, and of a new one there is nothing yet. */
  follow(names: ReadonlySet<string>): void {
    for (const name of this.#watchers.keys()) if (!names.has(name)) this.#watchers.delete(name)
    for (const name of names) this.#of(name)
  }

  /** What `history` answers at `now`. Throws `ERR_WATCHER_UNKNOWN`, `ERR_PROCESS_UNKNOWN`. */
  answer({ name, process, processes, step, points }: Question, now: number): object {
    const past = name === undefined ? undefined : this.#past(name)
    const subjects = past ? (processes ? 1 + past.processes.size : 1) : this.#watchers.size
    const count = Math.max(Math.min(points, kept[step], Math.floor(MOST_VALUES / (3 * Math.max(subjects, 1)))), 1)
    const seconds = stepSeconds[step]
    const until = Math.floor(now / seconds) * seconds
    const frame = { step: seconds, until, points: count }
    const values = (track: Track) => valuesOf(track, step, count, now)
    if (name === undefined || !past) {
      const watchers = [...this.#watchers].map(([key, { all }]) => [
        key,
        { ...values(all), ...countOf(all, step, count, now) },
      ])
      return { ...frame, watchers: Object.fromEntries(watchers) }
    }
    if (process !== undefined) {
      const own = past.processes.get(process)
      if (!own) throw new KernelError('ERR_PROCESS_UNKNOWN', [process, name])
      return { ...frame, name, process, ...values(own.track) }
    }
    const each = () => Object.fromEntries([...past.processes].map(([pid, { track }]) => [pid, values(track)]))
    return {
      ...frame,
      name,
      ...values(past.all),
      ...countOf(past.all, step, count, now),
      ...(processes && { processes: each() }),
    }
  }

  #of(name: string): Past {
    const past = this.#watchers.get(name) ?? { all: new Track(3), processes: new Map() }
    this.#watchers.set(name, past)
    return past
  }

  #past(name: string): Past {
    const past = this.#watchers.get(name.toLowerCase().replaceAll(' ', '_'))
    if (past) return past
    throw new KernelError('ERR_WATCHER_UNKNOWN', [name])
  }
}

function valuesOf(track: Track, step: Step, points: number, now: number): { cpu: Values; rss: Values } {
  return {
    cpu: track.read(step, 0, points, now).map((value) => value && Math.round(value * 10) / 10),
    rss: track.read(step, 1, points, now).map((value) => value && Math.round(value)),
  }
}

const countOf = (track: Track, step: Step, points: number, now: number): { count: Values } => ({
  count: track.read(step, 2, points, now).map((value) => value && Math.round(value * 10) / 10),
})
