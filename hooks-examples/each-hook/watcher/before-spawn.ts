import type { HookContext } from 'circusd/plugins/hooks'

/** Before a process is spawned: what is run can be changed in place; `false` stops the watcher. */
export default function beforeSpawn({ spec, log }: HookContext): void {
  spec!.env['PORT'] = String(8000 + spec!.wid)
  log.info(`process ${spec!.wid} finds PORT=${spec!.env['PORT']}`)
}
