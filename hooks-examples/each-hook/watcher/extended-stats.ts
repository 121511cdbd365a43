import type { HookContext } from 'circusd/plugins/hooks'

/** Statistics of a process were asked for with `extended`: they can be added to. */
export default function extendedStats({ pid, stats, log }: HookContext): void {
  stats!['mood'] = 'good'
  log.info(`somebody asks how process ${pid} is`)
}
