import type { ControlCommand } from '../command.ts'

export const status: ControlCommand = {
  name: 'status',
  summary: 'Tell the state of all watchers, or of one.',
  args: [{ name: 'name', description: "a watcher's name" }],
  examples: ['status', 'status web'],
  properties: ([name]) => ({ name }),
  print: ({ statuses, status }) =>
    statuses === undefined
      ? String(status)
      : Object.entries(Object(statuses))
          .map(([name, state]) => `${name}: ${state}`)
          .sort()
          .join('\n'),
}
