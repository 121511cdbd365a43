import type { ControlCommand } from '../command.ts'

/** The commands of the console itself. */
export const consoleCommands: readonly ControlCommand[] = [
  {
    name: 'help',
    summary: 'Say what there is, or how a command is used; ? is short for it.',
    args: [{ name: 'command', description: 'a command' }],
  },
  { name: 'exit', summary: 'Leave the console, as Ctrl-D does; the daemon stays.' },
]
