import type { HookContext } from 'circusd/plugins/hooks'

/** A process has ended, and that was published. */
export default function afterReap({ pid, exitCode, log }: HookContext): void {
  log.info(`process ${pid} ended with ${exitCode}`)
}
