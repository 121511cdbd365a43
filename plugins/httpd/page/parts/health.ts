import type { WatcherState } from '../../api.ts'
import { timeThere } from '../time.ts'

/** How a watcher does, in one word that tells more than its status. */
export type Health = 'active' | 'short' | 'failed' | 'stopped' | 'starting' | 'stopping'

export function healthOf({ status, reason, alive, wanted, pauseUntil }: WatcherState): Health {
  if (status === 'stopped') return reason === undefined ? 'stopped' : 'failed'
  if (status === 'active' && (alive < wanted || pauseUntil !== undefined)) return 'short'
  return status
}

/** So long, in seconds, a process that died is a reason to look. */
const freshSeconds = 60

/** Whether somebody should look at it: it lacks processes, or one of them has just died. */
export function isTrouble(watcher: WatcherState): boolean {
  const health = healthOf(watcher)
  if (health === 'short' || health === 'failed') return true
  const { lastExit, status } = watcher
  if (!lastExit || lastExit.expected || lastExit.exitCode === 0) return false
  return status === 'stopped' || timeThere() - lastExit.time < freshSeconds
}
