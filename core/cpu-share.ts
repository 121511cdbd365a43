import type { ProcessStat } from './posix/process-stat.ts'

/** What was seen of a process at a look. */
export interface Seen {
  readonly startTime: number
  readonly cpuSeconds: number
  /** `performance.now()` */
  readonly at: number
  /** Percent of one processor since the look before; at the first one, over its life. */
  readonly percent: number
}

/** Looks closer together than this, in milliseconds, share one figure: ticks are too coarse to tell more. */
const SHORTEST_INTERVAL_MS = 100

/**
 * What a process has worked since it was last seen. A first look takes its whole life; so does one at a pid that another
 * process had `before`.
 */
export function see({ startTime, cpuSeconds, createdAt }: ProcessStat, before: Seen | undefined): Seen {
  const at = performance.now()
  if (before?.startTime !== startTime) {
    const lived = Math.max(Date.now() / 1000 - createdAt, 0.01)
    return { startTime, cpuSeconds, at, percent: percentOf(cpuSeconds, lived) }
  }
  const passedMs = at - before.at
  if (passedMs < SHORTEST_INTERVAL_MS) return before
  return { startTime, cpuSeconds, at, percent: percentOf(cpuSeconds - before.cpuSeconds, passedMs / 1000) }
}

const percentOf = (part: number, whole: number): number => Math.round((Math.max(part, 0) / whole) * 1000) / 10
