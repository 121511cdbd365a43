import type { HookContext } from 'circusd/plugins/hooks'

/** A process has ended; that is not published yet. */
export default function beforeReap({ pid, log }: HookContext): void {
  log.info(`process ${pid} is at its end`)
}
