import { setImmediate as nextTurn } from 'node:timers/promises'

/** All long work together may keep the event loop so long at a time, in milliseconds. */
const SLICE_MS = 1

let sliceEnds = 0
/** Whether no long work was done in this round of the event loop. */
let rested = true
let last: Promise<void> = Promise.resolve()

/**
 * For long work, to be called before or after each piece of it: `undefined` to go on at once, or a promise to wait for
 * before the next piece. Those who wait get a slice each in turn, with a round of the event loop between any two.
 */
export function pauseIfLate(): Promise<void> | undefined {
  if (rested) beginSlice()
  if (performance.now() < sliceEnds) return undefined
  last = last.then(() => nextTurn()).then(beginSlice)
  return last
}

function beginSlice(): void {
  if (rested) setImmediate(() => (rested = true))
  rested = false
  sliceEnds = performance.now() + SLICE_MS
}
