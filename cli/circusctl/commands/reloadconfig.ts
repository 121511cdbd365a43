import type { ControlCommand } from '../command.ts'
import { waiting } from '../shared-flags.ts'

export const reloadconfig: ControlCommand = {
  name: 'reloadconfig',
  summary: 'Read the configuration again and apply what changed in it.',
  flags: waiting,
  properties: (_, { waiting }) => ({ waiting }),
}
