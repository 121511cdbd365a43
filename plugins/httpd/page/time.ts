/** Seconds that the clock of the server is ahead of this one's. */
let ahead = 0

/** Take note of the time there: the `Date` of an answer. */
export function takeTime(date: string | null): void {
  const there = Date.parse(date ?? '') / 1000
  const difference = there - Date.now() / 1000
  // It is told in whole seconds, and the way takes time: what is less than that is no difference.
  if (Number.isFinite(difference)) ahead = Math.abs(difference) < 3 ? 0 : difference
}

/** The time where the server is, in Unix seconds: what ages are reckoned from. */
export const timeThere = (): number => Date.now() / 1000 + ahead
