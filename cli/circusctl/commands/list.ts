import type { ControlCommand } from '../command.ts'

export const list: ControlCommand = {
  name: 'list',
  summary: 'Name the watchers, or the pids of one.',
  args: [{ name: 'name', description: "a watcher's name" }],
  examples: ['list', 'list web'],
  properties: ([name]) => ({ name }),
  async show({ daemon, output }, [name]) {
    const { viewOf } = await import('../watcher-view.ts')
    const view = await viewOf(daemon, name)
    if (name === undefined) {
      const { watcherTable } = await import('../watcher-table.ts')
      return output.print(watcherTable(view, output.terminal!))
    }
    const { processTable } = await import('../process-table.ts')
    const processes = view.watchers.flatMap((watcher) =>
      watcher.processes.map((info) => ({ watcher: watcher.name, info })),
    )
    output.print(processTable(processes, output.terminal!))
  },
  print: ({ watchers, pids, processes }) => [watchers ?? pids ?? processes ?? []].flat().join(','),
}
