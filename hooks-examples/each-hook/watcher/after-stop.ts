import type { HookContext } from 'circusd/plugins/hooks'

/** The watcher was stopped. */
export default function afterStop({ watcher, log }: HookContext): void {
  log.info(`stopped, with ${watcher.pids.length} processes`)
}
