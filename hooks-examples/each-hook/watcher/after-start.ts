import type { HookContext } from 'circusd/plugins/hooks'

/** All processes were spawned: `false` stops the watcher again. */
export default function afterStart({ watcher, log }: HookContext): void {
  log.info(`${watcher.pids.length} process runs`)
}
