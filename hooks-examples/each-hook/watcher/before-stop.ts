import type { HookContext } from 'circusd/plugins/hooks'

/** The watcher is about to be stopped. */
export default function beforeStop({ watcher, log }: HookContext): void {
  log.info(`about to stop, with ${watcher.pids.length} process`)
}
