import type { WatcherState } from '../../api.ts'
import { type Health, healthOf } from './health.ts'

const words: Readonly<Record<Health, string>> = {
  active: 'active',
  short: 'degraded',
  failed: 'failed',
  stopped: 'stopped',
  starting: 'starting',
  stopping: 'stopping',
}

/** The state as a mark and a word: never by colour alone. */
export function StateMark({ watcher }: { watcher: WatcherState }) {
  const health = healthOf(watcher)
  return (
    <span class={`mark mark-${health}`}>
      <span class="mark-sign" aria-hidden="true" />
      {words[health]}
    </span>
  )
}
