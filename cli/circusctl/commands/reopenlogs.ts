import type { ControlCommand } from '../command.ts'

export const reopenlogs: ControlCommand = {
  name: 'reopenlogs',
  summary: 'Open the log and all files of output anew: for logrotate.',
}
