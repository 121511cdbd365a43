import type { HookContext } from 'circusd/plugins/hooks'

/** Before a signal is sent: `false` keeps it back, but not SIGKILL. */
export default function beforeSignal({ pid, signum, log }: HookContext): boolean {
  if (signum !== 1) return true
  log.info(`no SIGHUP for ${pid}`)
  return false
}
