import type { ControlCommand } from '../command.ts'
import { waiting, watcher } from '../shared-flags.ts'

export const rm: ControlCommand = {
  name: 'rm',
  summary: 'Stop a watcher and forget it.',
  args: [watcher],
  flags: { nostop: { type: 'boolean', description: 'leave its processes running' }, ...waiting },
  properties: ([name], { nostop, waiting }) => ({ name, nostop, waiting }),
}
