import type { HookContext } from 'circusd/plugins/hooks'

/** A process was spawned: `false` kills it and stops the watcher. */
export default function afterSpawn({ pid, log }: HookContext): void {
  log.info(`process ${pid} was spawned`)
}
