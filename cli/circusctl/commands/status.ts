import type { ControlCommand } from '../command.ts'
import { byName } from '../format.ts'

export const status: ControlCommand = {
  name: 'status',
  summary: 'Tell the state of all watchers, or of one.',
  args: [{ name: 'name', description: "a watcher's name" }],
  examples: ['status', 'status web'],
  properties: ([name]) => ({ name }),
  async show({ daemon, output }, [name]) {
    const { viewOf } = await import('../watcher-view.ts')
    const { watcherTable } = await import('../watcher-table.ts')
    output.print(watcherTable(await viewOf(daemon, name), output.terminal!))
  },
  print: ({ statuses, status }) =>
    statuses === undefined
      ? String(status)
      : Object.entries(Object(statuses))
          .sort(byName)
          .map(([name, state]) => `${name}: ${state}`)
          .join('\n'),
}
