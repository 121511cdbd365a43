import type { ControlCommand } from '../command.ts'

export const list: ControlCommand = {
  name: 'list',
  summary: 'Name the watchers, or the pids of one.',
  args: [{ name: 'name', description: "a watcher's name" }],
  examples: ['list', 'list web'],
  properties: ([name]) => ({ name }),
  print: ({ watchers, pids, processes }) => [watchers ?? pids ?? processes ?? []].flat().join(','),
}
