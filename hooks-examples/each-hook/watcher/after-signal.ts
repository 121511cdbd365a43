import type { HookContext } from 'circusd/plugins/hooks'

/** After that, whether the signal was sent or kept back. */
export default function afterSignal({ pid, signum, log }: HookContext): void {
  log.info(`signal ${signum} for ${pid}`)
}
