import type { ControlCommand } from '../command.ts'

export const numprocesses: ControlCommand = {
  name: 'numprocesses',
  summary: 'Count the processes of all watchers, or of one.',
  args: [{ name: 'name', description: "a watcher's name" }],
  properties: ([name]) => ({ name }),
  print: ({ numprocesses }) => String(numprocesses),
}
