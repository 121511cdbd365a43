import { freemem } from 'node:os'
import type { HookContext } from 'circusd/plugins/hooks'

/** Before anything of the watcher is started: `false` keeps it from that. */
export default function beforeStart({ log }: HookContext): boolean {
  const free = Math.round(freemem() / 1e6)
  log.info(`there are ${free} MB free`)
  return free > 20
}
