import type { WatcherState } from '../../api.ts'

/** How a watcher does, in one word that tells more than its status. */
export type Health = 'active' | 'short' | 'failed' | 'stopped' | 'starting' | 'stopping'

export function healthOf({ status, reason, alive, wanted, pauseUntil }: WatcherState): Health {
  if (status === 'stopped') return reason === undefined ? 'stopped' : 'failed'
  if (status === 'active' && (alive < wanted || pauseUntil !== undefined)) return 'short'
  return status
}

/** Whether somebody should look at it. */
export const isTrouble = (watcher: WatcherState): boolean => ['short', 'failed'].includes(healthOf(watcher))
