/** When a file is rotated, and what it is called then. All moments are Unix milliseconds. */
export interface Timetable {
  /** The next rotation after a moment. */
  next(time: number): number
  /** When the period began that ends with a rotation: the old file is called after it. */
  beginning(rotation: number): number
  /** The ending of the old file, in the terms of strftime. */
  readonly ending: string
  /** How many digits that has. */
  readonly digits: number
}

const SECOND = 1000
const DAY = 24 * 60 * 60 * SECOND

/** The values of `rotate_when`. */
export const whens = ['S', 'M', 'H', 'D', 'midnight', 'W0', 'W1', 'W2', 'W3', 'W4', 'W5', 'W6'] as const
export type When = (typeof whens)[number]

const units = {
  S: [SECOND, '%Y%m%d%H%M%S', 14],
  M: [60 * SECOND, '%Y%m%d%H%M', 12],
  H: [60 * 60 * SECOND, '%Y%m%d%H', 10],
  D: [DAY, '%Y%m%d', 8],
} as const

/**
 * `S`, `M`, `H` and `D` count `interval` seconds, minutes, hours or times 24 hours from a moment on, whatever the clock
 * says; `midnight` is the end of every `interval`-th day, `W0` to `W6` that of the Monday to Sunday of every
 * `interval`-th week, by the calendar: days of 23 and 25 hours included.
 */
export function timetable(when: When, interval: number, utc: boolean): Timetable {
  if (when === 'midnight') return calendar(utc, interval, () => interval)
  if (when.startsWith('W')) {
    const last = (Number(when[1]) + 1) % 7
    return calendar(utc, interval * 7, (weekday) => ((last - weekday + 7) % 7) + 1 + (interval - 1) * 7)
  }
  const [unit, ending, digits] = units[when as keyof typeof units]
  const length = unit * interval
  return {
    next: (time) => Math.floor(time / SECOND) * SECOND + length,
    beginning: (rotation) => rotation - length,
    ending,
    digits,
  }
}

/** `days`: how many midnights there are to the next rotation from a day of the week (0 is Sunday) on. */
function calendar(utc: boolean, length: number, days: (weekday: number) => number): Timetable {
  const midnight = (time: number, later: number): number => {
    const date = new Date(time)
    return utc
      ? Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + later)
      : new Date(date.getFullYear(), date.getMonth(), date.getDate() + later).getTime()
  }
  const weekday = (time: number) => (utc ? new Date(time).getUTCDay() : new Date(time).getDay())
  return {
    next: (time) => midnight(time, days(weekday(time))),
    beginning: (rotation) => midnight(rotation, -length),
    ending: '%Y%m%d',
    digits: 8,
  }
}
