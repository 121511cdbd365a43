import type { ProcessStat } from './posix/process-stat.ts'

/** What was seen of a process at a look. */
export interface Seen {
  readonly startTime: number
  readonly cpuSeconds: number
  /** `performance.now()` */
  readonly at: number
  /** Percent of one processor since the look before; at the first one, over its life. */
  readonly percent: number
  readonly isFirst: boolean
}

/**
 * Looks closer together than this, in milliseconds, share one figure: ticks are too coarse to tell more. Who looks ten
 * times a second is early now and then.
 */
const SHORTEST_INTERVAL_MS = 90

/**
 * What a process has worked since it was last seen. A first look takes its whole life; so does one at a pid that another
 * process had `before`.
 */
export function see({ startTime, cpuSeconds, createdAt }: ProcessStat, before: Seen | undefined): Seen {
  const at = performance.now()
  const isSame = before?.startTime === startTime
  const passedMs = isSame ? at - before.at : 0
  if (isSame && passedMs >= SHORTEST_INTERVAL_MS) {
    const percent = percentOf(cpuSeconds - before.cpuSeconds, passedMs / 1000)
    return { startTime, cpuSeconds, at, percent, isFirst: false }
  }
  if (isSame && !before.isFirst) return before
  const lived = Math.max(Date.now() / 1000 - createdAt, 0.01)
  const percent = percentOf(cpuSeconds, lived)
  // One that was seen a moment ago may just have begun then.
  return isSame ? { ...before, percent } : { startTime, cpuSeconds, at, percent, isFirst: true }
}

const percentOf = (part: number, whole: number): number => Math.round((Math.max(part, 0) / whole) * 1000) / 10
