import { mallocTrim } from './libc.ts'

/** How often, in milliseconds, it is worth it. */
const PAUSE_MS = 30_000

let trimmedAt = 0

/**
 * Give the system back what was freed, at most twice a minute. glibc keeps it, in one pool for each thread, and after a
 * flood of requests or a storm of spawns that is tens of megabytes. Takes a millisecond or two.
 */
export function returnFreedMemory(): void {
  const now = performance.now()
  if (now - trimmedAt < PAUSE_MS) return
  trimmedAt = now
  mallocTrim?.(0)
}
